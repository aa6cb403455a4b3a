import { describe, expect, it } from 'vitest'
import { createGuard } from '@countersign/guard'
import { SIGNING_ALGORITHMS } from '@countersign/server'
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

  it('issues tokens that our guard lets in, whatever the algorithm of the resource', async () => {
    for (const algorithm of SIGNING_ALGORITHMS) {
      const audience = `urn:api:${algorithm}`
      const resources = [{ resource: audience, scopes: ['read'], signingAlgorithm: algorithm }]
      await using running = await startAuthorizationServer({ resources })
      const { access_token: token } = (await ask(running)) as { access_token: string }
      const guard = createGuard({ issuer: running.issuer, audience, algorithms: [algorithm] })
      const headers = { authorization: `Bearer ${token}` }
      const request = new Request('http://127.0.0.1/', { headers })
      expect(await guard(request, { scope: { all: ['read'] } })).toMatchObject({ allowed: true })
    }
  })
})
