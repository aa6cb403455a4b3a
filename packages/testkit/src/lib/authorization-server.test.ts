import { describe, expect, it } from 'vitest'
import {
  startAuthorizationServer,
  type RunningAuthorizationServer,
} from './authorization-server.ts'

async function ask({ tokenEndpoint, client }: RunningAuthorizationServer): Promise<unknown> {
  const { clientId, clientSecret } = client
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { connection: 'close' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }),
  })
  return response.json()
}

describe('startAuthorizationServer', () => {
  it('has a client and a resource ready, and counts the token requests', async () => {
    await using running = await startAuthorizationServer()
    expect(running.tokenRequests).toBe(0)
    expect(await ask(running)).toMatchObject({ scope: 'orders:read orders:write' })
    expect(running.tokenRequests).toBe(1)
    expect(running.events.map(({ type }) => type)).toEqual(['signing_key.created', 'token.issued'])
  })

  it('starts again at the same address where it ended, with the same store', async () => {
    const first = await startAuthorizationServer({ path: '/tenant' })
    const { store, masterKeys, client, issuer } = first
    await first.close()
    const port = Number(new URL(issuer).port)
    const options = { store, masterKeys, port, path: '/tenant' }
    await using second = await startAuthorizationServer(options)
    expect(second.issuer).toBe(issuer)
    expect(await ask({ ...second, client })).toHaveProperty('access_token')
    expect(second.tokenRequests).toBe(1)
  })
})
