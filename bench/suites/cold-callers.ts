import { createClient } from '@countersign/client'
import { startLoopbackServer } from '@countersign/testkit'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

const CALLERS = 10_000
const answer = { access_token: 'at', token_type: 'Bearer', expires_in: 3600 }

/** 10,000 callers at once without a token, on an endpoint that takes 100 ms. */
export const coldCallers: Suite = {
  name: 'cold-callers',
  async run(quick) {
    await using server = await startLoopbackServer(async () => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      return Response.json(answer)
    })
    const tokenEndpoint = `${server.origin}/token`
    const contestants: Contestant[] = [
      burst('one shared promise by hand', 'floor', () => {
        let promise: Promise<unknown> | undefined
        return () =>
          (promise ??= fetch(tokenEndpoint, {
            method: 'POST',
            body: new URLSearchParams({ grant_type: 'client_credentials' }),
          }).then((response) => response.json()))
      }),
      burst('auth.getToken()', 'ours', () => {
        const auth = createClient({ tokenEndpoint, clientId: 'bench', clientSecret: 'bench' })
        return auth.getToken
      }),
    ]
    const rounds = quick ? 4 : 11
    const before = server.requests.length
    const measurements = await measureRounds(contestants, { rounds, times: 1 })
    const requests = server.requests.length - before
    const expected = contestants.length * (rounds + 1)
    if (requests !== expected) throw new Error(`${requests} token requests in place of ${expected}`)
    return [
      {
        title: `${CALLERS.toLocaleString('en')} callers without a token, all at once`,
        conditions: `token endpoint answers after 100 ms; one request for each burst (${requests} in ${expected} bursts)`,
        measurements,
      },
    ]
  },
}

function burst(
  name: string,
  role: Contestant['role'],
  make: () => () => Promise<unknown>,
): Contestant {
  return {
    name,
    role,
    async run(times) {
      for (let i = 0; i < times; i++) {
        const getToken = make()
        await Promise.all(Array.from({ length: CALLERS }, () => getToken()))
      }
    },
  }
}
