import { coresText } from '../lib/cores.ts'
import { atLeast, atMost } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { measureServers } from '../lib/server-rounds.ts'

/** Whether a token costs the same with few clients and with many, ours against itself. */
export const manyClients: Suite = {
  name: 'many-clients',
  async run(quick) {
    const of = (clients: number): readonly string[] => [JSON.stringify({ clients })]
    const most = quick ? 10_000 : 100_000
    const sizes = quick ? [most] : [10_000, most]
    const servers = await measureServers(
      [
        { name: '100 clients', role: 'floor', script: 'our-issuer.ts', args: of(100) },
        ...sizes.map((size) => ({
          name: `${size.toLocaleString('en')} clients`,
          role: 'ours' as const,
          script: 'our-issuer.ts',
          args: of(size),
        })),
      ],
      { rounds: quick ? 3 : 9, seconds: quick ? 1 : 3, connections: 32 },
    )
    return [
      {
        title: 'A token issued: few clients and many',
        conditions: `ES256, up to 10,000 clients in turn, 32 keep-alive connections by ${LOAD_TOOL}; ${coresText()}; ours in every row`,
        measurements: [],
        servers,
        goals: servers
          .filter(({ role }) => role === 'ours')
          .flatMap(({ name, rateRatio, cpuRatio }) => [
            atLeast(`rate of ${name} over 100's`, rateRatio, 0.9),
            atMost(`CPU of ${name} over 100's`, cpuRatio, 1.1),
          ]),
      },
    ]
  },
}
