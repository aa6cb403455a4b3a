import { createClient } from '@countersign/client'
import { startLoopbackServer } from '@countersign/testkit'
import type { Suite } from '../lib/report.ts'

/** The slowest `getToken` while one-second tokens are renewed under load, on a slow endpoint. */
export const renewal: Suite = {
  name: 'renewal',
  async run(quick) {
    await using server = await startLoopbackServer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      return Response.json({ access_token: `at-${performance.now()}`, expires_in: 1 })
    })
    const auth = createClient({
      tokenEndpoint: `${server.origin}/token`,
      clientId: 'bench',
      clientSecret: 'bench',
    })
    await auth.getToken()
    const taken: number[] = []
    let failures = 0
    const end = performance.now() + (quick ? 3000 : 10_000)
    while (performance.now() < end) {
      const start = performance.now()
      await auth.getToken().catch(() => failures++)
      taken.push(performance.now() - start)
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    const renewals = server.requests.length - 1
    const slowest = Math.max(...taken).toFixed(3)
    return [
      {
        title: 'Renewal under load: nobody waits',
        conditions: `${renewals} renewals of one-second tokens, each taking 100 ms; ${taken.length} calls, the slowest ${slowest} ms, ${failures} failures`,
        measurements: [],
      },
    ]
  },
}
