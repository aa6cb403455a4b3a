import { coresText } from '../lib/cores.ts'
import { atLeast } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { figuresOf, measureServers } from '../lib/server-rounds.ts'

/** Our token endpoint with opaque tokens, and with tokens given again, beside the bare work and peers. */
export const issueOpaque: Suite = {
  name: 'issue-opaque',
  async run(quick) {
    const ours = (options: object): readonly string[] => [JSON.stringify(options)]
    const servers = await measureServers(
      [
        { name: 'bare node:http', role: 'floor', script: 'floor-issuer.ts', args: ['opaque'] },
        {
          name: '@countersign/server',
          role: 'ours',
          script: 'our-issuer.ts',
          args: ours({ tokenFormat: 'opaque' }),
        },
        {
          name: 'the same, RS256 given again',
          role: 'ours',
          script: 'our-issuer.ts',
          args: ours({ signingAlgorithm: 'RS256', reuseWindow: 60 }),
        },
        { name: '@node-oauth/oauth2-server', role: 'peer', script: 'node-oauth-issuer.ts' },
        ...(quick
          ? []
          : [
              {
                name: 'oidc-provider',
                role: 'peer' as const,
                script: 'oidc-provider-issuer.ts',
                args: ['opaque'],
              },
            ]),
      ],
      { rounds: quick ? 3 : 9, seconds: quick ? 1 : 3, connections: 32 },
    )
    const opaque = figuresOf(servers, 'ours', '@countersign/server')
    const nodeOauth = figuresOf(servers, 'peer', '@node-oauth/oauth2-server')
    const again = figuresOf(servers, 'ours', 'the same, RS256 given again')
    return [
      {
        title: 'A token issued: opaque, or given again',
        conditions: `client_secret_basic, 32 keep-alive connections by ${LOAD_TOOL}; ${coresText()}; store in memory; given again: one RS256 JWT to the same client for a minute`,
        measurements: [],
        servers,
        goals: [
          atLeast("rate over the floor's", opaque.rateRatio, 0.8),
          atLeast(
            "rate over @node-oauth's",
            opaque.answersPerSecond / nodeOauth.answersPerSecond,
            2,
          ),
          atLeast("rate of a token given again over the floor's", again.rateRatio, 0.8),
        ],
      },
    ]
  },
}
