import { Agent, request } from 'node:http'
import type { ServerEvent } from '@countersign/server'
import { decodeJwt } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ORDERS, startTwoApis } from './two-apis.ts'

describe('token requests that arrive together', () => {
  it('are answered each for its own client, whichever is refused', async () => {
    await using server = await startTwoApis()
    const { administration, tokenEndpoint } = server
    const secrets = new Map<string, string>()
    for (let at = 0; at < 40; at++) {
      const clientId = `client-${at}`
      const { secret } = await administration.createClient({ clientId })
      await administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
      secrets.set(clientId, secret?.reveal() ?? '')
    }
    await server.server.refresh()
    const agent = new Agent({ keepAlive: true, maxSockets: 80 })
    onTestFinished(() => agent.destroy())
    for (let burst = 0; burst < 4; burst++) {
      const before = server.events.length
      const calls = [...secrets].flatMap(([clientId, secret]) => [
        { clientId, secret, status: 200 },
        { clientId, secret: `${secret.slice(0, -1)}_`, status: 401 },
      ])
      const answers = await Promise.all(
        calls.map(async ({ clientId, secret }) => {
          const { status, body } = await post(tokenEndpoint, agent, `${clientId}:${secret}`)
          const { access_token: token } = JSON.parse(body) as { readonly access_token?: string }
          return { status, client: token && decodeJwt(token)['client_id'] }
        }),
      )
      expect(answers).toEqual(
        calls.map(({ status, clientId }) => ({
          status,
          client: status === 200 ? clientId : undefined,
        })),
      )
      expect(clientsOf(server.events.slice(before), 'token.issued')).toEqual([...secrets.keys()])
      expect(clientsOf(server.events.slice(before), 'token.refused')).toEqual([...secrets.keys()])
    }
  })
})

function clientsOf(
  events: readonly ServerEvent[],
  type: 'token.issued' | 'token.refused',
): readonly (string | undefined)[] {
  const numbered = (clientId = ''): number => Number(clientId.slice('client-'.length))
  return events
    .flatMap((event) => (event.type === type ? [event.clientId] : []))
    .toSorted((one, other) => numbered(one) - numbered(other))
}

function post(
  url: string,
  agent: Agent,
  credentials: string,
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const headers = {
    authorization: `Basic ${btoa(credentials)}`,
    'content-type': 'application/x-www-form-urlencoded',
  }
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', agent, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
      .on('error', reject)
      .end('grant_type=client_credentials&scope=orders:read')
  })
}
