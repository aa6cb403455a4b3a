import { startChildServer } from '../lib/child-server.ts'
import { load } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { summarize } from '../lib/rounds.ts'

/** Our token endpoint beside a bare node:http server that checks a secret and signs the same token. */
export const issue: Suite = {
  name: 'issue',
  async run(quick) {
    await using floor = await startChildServer('floor-issuer.ts')
    await using ours = await startChildServer('our-issuer.ts')
    const contestants = [
      { name: 'bare node:http, secret digest, ES256', role: 'floor', server: floor },
      { name: '@countersign/server on node:http', role: 'ours', server: ours },
    ] as const
    const rounds = quick ? 4 : 9
    const milliseconds = quick ? 800 : 2000
    const cpu = contestants.map((): number[] => [])
    const wall = contestants.map((): number[] => [])
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { name, server }] of contestants.entries()) {
        const before = await server.cpuMicroseconds()
        const request = String(server.ready['request'])
        const result = await load(server.ready.port, request, { connections: 32, milliseconds })
        const used = (await server.cpuMicroseconds()) - before
        if (result.failures > 0) throw new Error(`${name}: ${result.failures} answers were not 200`)
        if (round === 0) continue
        cpu[index]?.push((used * 1000) / result.answers)
        wall[index]?.push((result.milliseconds * 1e6) / result.answers)
      }
    }
    const conditions = 'client_secret_basic, ES256 at+jwt, 32 keep-alive connections, memory store'
    return [
      {
        title: 'A token issued: CPU of the server',
        conditions,
        measurements: summarize(contestants, cpu),
      },
      {
        title: 'A token issued: time per token',
        conditions,
        measurements: summarize(contestants, wall),
      },
    ]
  },
}
