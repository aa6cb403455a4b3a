import { clientCredentials } from '@countersign/client'
import { request } from 'undici'
import { startChildServer } from '../lib/child-server.ts'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

/** One whole token request, beside the same by hand. */
export const tokenRequest: Suite = {
  name: 'token-request',
  async run(quick) {
    await using server = await startChildServer('plain-api.ts')
    const tokenEndpoint = `http://127.0.0.1:${server.ready.port}/token`
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${btoa('bench:bench')}`,
    }
    const body = 'grant_type=client_credentials'
    const source = clientCredentials({ tokenEndpoint, clientId: 'bench', clientSecret: 'bench' })
    const contestants: Contestant[] = [
      one('fetch by hand', 'floor', async () => {
        const response = await fetch(tokenEndpoint, { method: 'POST', headers, body })
        return response.json()
      }),
      one('undici.request by hand', 'floor', async () => {
        const response = await request(tokenEndpoint, { method: 'POST', headers, body })
        return response.body.json()
      }),
      one('clientCredentials()', 'ours', () => source()),
    ]
    return [
      {
        title: 'One token request',
        conditions: 'keep-alive node:http server in another process that answers at once',
        measurements: await measureRounds(contestants, {
          rounds: quick ? 7 : 15,
          times: quick ? 300 : 1000,
        }),
      },
    ]
  },
}

function one(name: string, role: Contestant['role'], ask: () => Promise<unknown>): Contestant {
  return {
    name,
    role,
    async run(times) {
      for (let i = 0; i < times; i++) await ask()
    },
  }
}
