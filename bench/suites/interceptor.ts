import { createClient } from '@countersign/client'
import { tokenInterceptor } from '@countersign/client/undici'
import { Pool, type Dispatcher } from 'undici'
import { startChildServer } from '../lib/child-server.ts'
import type { Suite } from '../lib/report.ts'
import { summarize } from '../lib/rounds.ts'

/** The undici interceptor beside a bare `Pool.request` with the header set by hand. */
export const interceptor: Suite = {
  name: 'interceptor',
  async run(quick) {
    await using api = await startChildServer('plain-api.ts')
    const origin = `http://127.0.0.1:${api.ready.port}`
    const auth = createClient({
      tokenEndpoint: `${origin}/token`,
      clientId: 'bench',
      clientSecret: 'bench',
    })
    const { value } = await auth.getToken()
    const bare = new Pool(origin, { connections: 32 })
    const pool = new Pool(origin, { connections: 32 })
    const composed = pool.compose(tokenInterceptor(auth.source) as Dispatcher.DispatchInterceptor)
    const contestants = [
      {
        name: 'Pool.request, header set by hand',
        role: 'floor',
        call: () =>
          bare.request({ method: 'GET', path: '/', headers: { authorization: `Bearer ${value}` } }),
      },
      {
        name: 'Pool composed with tokenInterceptor',
        role: 'ours',
        call: () => composed.request({ method: 'GET', path: '/', origin }),
      },
    ] as const
    const rounds = quick ? 7 : 15
    const times = quick ? 3000 : 10_000
    const cpu = contestants.map((): number[] => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { call }] of contestants.entries()) {
        const before = process.cpuUsage()
        await lanes(times, call)
        const used = process.cpuUsage(before)
        if (round > 0) cpu[index]?.push(((used.user + used.system) * 1000) / times)
      }
    }
    await Promise.all([bare.close(), pool.close()])
    return [
      {
        title: 'A call through undici: CPU of the caller',
        conditions: 'keep-alive node:http server in another process, 32 calls in flight',
        measurements: summarize(contestants, cpu),
      },
    ]
  },
}

async function lanes(times: number, call: () => Promise<Dispatcher.ResponseData>): Promise<void> {
  let left = times
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const { statusCode, body } = await call()
      await body.arrayBuffer()
      if (statusCode !== 200) throw new Error(`the API answered ${statusCode}`)
    }
  }
  await Promise.all(Array.from({ length: 32 }, lane))
}
