import { atLeast } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { figuresOf, measureServers } from '../lib/server-rounds.ts'

/** Our token endpoint on two processes beside the floor on two and on one. */
export const issueCluster: Suite = {
  name: 'issue-cluster',
  async run(quick) {
    const servers = await measureServers(
      [
        { name: 'bare node:http, two processes', role: 'floor', script: 'floor-cluster.ts' },
        { name: '@countersign/server, two on SQLite', role: 'ours', script: 'our-cluster.ts' },
        ...(quick
          ? []
          : [
              {
                name: '@countersign/server, one',
                role: 'peer' as const,
                script: 'our-issuer.ts',
              },
            ]),
      ],
      { rounds: quick ? 3 : 9, seconds: quick ? 1 : 3, connections: 32, pin: false },
    )
    return [
      {
        title: 'A token issued: two processes on one port',
        conditions: `ES256, 32 keep-alive connections by ${LOAD_TOOL}; nothing pinned, the load has its share of the cores`,
        measurements: [],
        servers,
        goals: [atLeast("rate over the floor's", figuresOf(servers, 'ours').rateRatio, 0.9)],
      },
    ]
  },
}
