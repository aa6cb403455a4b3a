import { coresText } from '../lib/cores.ts'
import { atLeast, atMost } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { figuresOf, measureServers } from '../lib/server-rounds.ts'

/** Our token endpoint, signing ES256, beside the bare work and the peers. */
export const issue: Suite = {
  name: 'issue',
  async run(quick) {
    const servers = await measureServers(
      [
        { name: 'bare node:http', role: 'floor', script: 'floor-issuer.ts' },
        { name: '@countersign/server', role: 'ours', script: 'our-issuer.ts' },
        { name: '@jmondi/oauth2-server', role: 'peer', script: 'jmondi-issuer.ts' },
        { name: 'oidc-provider', role: 'peer', script: 'oidc-provider-issuer.ts' },
      ],
      { rounds: quick ? 3 : 9, seconds: quick ? 1 : 3, connections: 32 },
    )
    const few = await measureServers(
      [
        { name: 'bare node:http', role: 'floor', script: 'floor-issuer.ts' },
        { name: '@countersign/server', role: 'ours', script: 'our-issuer.ts' },
      ],
      { rounds: quick ? 3 : 9, seconds: quick ? 1 : 3, connections: 2 },
    )
    const ours = figuresOf(servers, 'ours')
    const jmondi = figuresOf(servers, 'peer', '@jmondi/oauth2-server')
    const oidcProvider = figuresOf(servers, 'peer', 'oidc-provider')
    return [
      {
        title: 'A token issued: ES256 JWT',
        conditions: `client_secret_basic, 32 keep-alive connections by ${LOAD_TOOL}; ${coresText()}; store in memory, ${ours.answers} tokens of ours`,
        measurements: [],
        servers,
        goals: [
          atLeast("rate over the floor's", ours.rateRatio, 0.88),
          // The same in what other work on the machine disturbs least.
          atMost("CPU over the floor's", ours.cpuRatio, 1.14),
          atMost("CPU over @jmondi's", ours.cpuMicroseconds / jmondi.cpuMicroseconds, 0.57),
          atMost(
            "CPU over oidc-provider's",
            ours.cpuMicroseconds / oidcProvider.cpuMicroseconds,
            0.36,
          ),
          atMost("p99 over the floor's", ours.p99Ratio, 1.3),
        ],
      },
      {
        title: 'The same, asked for by two connections',
        conditions: 'as above: too few to be worked on together',
        measurements: [],
        servers: few,
        goals: [],
      },
    ]
  },
}
