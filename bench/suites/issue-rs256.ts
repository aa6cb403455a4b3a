import { Agent, get } from 'node:http'
import { coresText } from '../lib/cores.ts'
import { atLeast, atMost } from '../lib/goals.ts'
import { LOAD_TOOL } from '../lib/load.ts'
import type { Suite } from '../lib/report.ts'
import { quantile } from '../lib/rounds.ts'
import { figuresOf, measureServers } from '../lib/server-rounds.ts'

/** Our token endpoint signing RS256, ten times the work, and whether discovery suffers from it. */
export const issueRs256: Suite = {
  name: 'issue-rs256',
  async run(quick) {
    const latencies: number[] = []
    const servers = await measureServers(
      [
        {
          name: 'bare node:http, thread pool',
          role: 'floor',
          script: 'floor-issuer.ts',
          args: ['RS256'],
        },
        {
          name: '@countersign/server',
          role: 'ours',
          script: 'our-issuer.ts',
          args: [JSON.stringify({ signingAlgorithm: 'RS256' })],
        },
        ...(quick
          ? []
          : ([
              {
                name: '@jmondi/oauth2-server',
                role: 'peer',
                script: 'jmondi-issuer.ts',
                args: ['RS256'],
              },
              {
                name: 'oidc-provider',
                role: 'peer',
                script: 'oidc-provider-issuer.ts',
                args: ['RS256'],
              },
            ] as const)),
      ],
      {
        rounds: quick ? 3 : 9,
        seconds: quick ? 1 : 3,
        connections: 64,
        async meanwhile({ role, server }, load) {
          if (role === 'ours') latencies.push(...(await discover(server.ready.port, load)))
        },
      },
    )
    const ours = figuresOf(servers, 'ours')
    const [half, most] = [quantile(latencies, 0.5), quantile(latencies, 0.99)]
    return [
      {
        title: 'A token issued: RS256 JWT',
        conditions: `client_secret_basic, 64 keep-alive connections by ${LOAD_TOOL}; ${coresText()}; meanwhile, ours answers for its metadata in ${half.toFixed(1)} ms (p50), ${most.toFixed(1)} ms (p99)`,
        measurements: [],
        servers,
        goals: [
          atLeast("rate over the floor's", ours.rateRatio, 0.95),
          atMost("p99 over the floor's", ours.p99Ratio, 1.2),
          atMost('milliseconds (p50) for the metadata meanwhile', half, 10),
        ],
      },
    ]
  },
}

/** Asks for the metadata again and again while the load lasts; gives how long each answer took. */
async function discover(port: number, load: Promise<unknown>): Promise<readonly number[]> {
  const agent = new Agent({ keepAlive: true })
  const over = new AbortController()
  const stop = (): void => over.abort()
  load.then(stop, stop)
  const latencies: number[] = []
  const path = '/.well-known/oauth-authorization-server'
  while (!over.signal.aborted) {
    const start = performance.now()
    await new Promise<void>((resolve, reject) => {
      get({ port, host: '127.0.0.1', path, agent }, (response) => {
        if (response.statusCode !== 200) reject(new Error(`metadata: ${response.statusCode}`))
        response.resume().on('end', resolve)
      }).on('error', reject)
    })
    latencies.push(performance.now() - start)
  }
  agent.destroy()
  return latencies
}
