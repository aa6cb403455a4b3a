import { createClient } from '@countersign/client'
import { startLoopbackServer } from '@countersign/testkit'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { API, startOidcProvider, type RunningOidcProvider } from './servers/oidc-provider.ts'

const SECRET = 'a:secret%with+odd/chars=and blanks'

let provider: RunningOidcProvider
beforeAll(async () => {
  provider = await startOidcProvider(SECRET)
})
afterAll(() => provider[Symbol.asyncDispose]())

describe.each([
  ['client_secret_basic', 'basic:client'],
  ['client_secret_post', 'post-client'],
] as const)('our client on oidc-provider by %s', (authMethod, clientId) => {
  const options = () => ({ issuer: provider.issuer, clientId, clientSecret: SECRET, authMethod })

  it('obtains an opaque token by discovery, and keeps it', async () => {
    const client = createClient({ ...options(), scope: ['read'] })
    const before = provider.tokenRequests()
    const tokens = await Promise.all(Array.from({ length: 100 }, () => client.getToken()))
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(1)
    expect(provider.tokenRequests() - before).toBe(1)
    expect(tokens[0]).toMatchObject({ type: 'Bearer', scope: ['read'] })
    expect(tokens[0]?.value).not.toContain('.')
  })

  it('obtains a JWT for a resource, and calls an API with it that a stranger guards', async () => {
    const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`))
    await using api = await startLoopbackServer(async (request) => {
      const token = request.headers.get('authorization')?.replace('Bearer ', '') ?? ''
      const { payload } = await jwtVerify(token, keys, {
        issuer: provider.issuer,
        audience: API,
        typ: 'at+jwt',
      })
      return Response.json({ hello: payload['client_id'], scope: payload['scope'] })
    })
    const client = createClient({ ...options(), resource: API, scope: 'read write' })
    const response = await client.fetch(`${api.origin}/orders`)
    expect(await response.json()).toEqual({ hello: clientId, scope: 'read write' })
  })

  it('is told why a scope or a target is refused', async () => {
    const scope = createClient({ ...options(), resource: API, scope: 'admin' })
    await expect(scope.getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'invalid_scope' },
    })
    const target = createClient({ ...options(), resource: 'https://other.example', scope: 'read' })
    await expect(target.getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'invalid_target' },
    })
  })

  it('is told that its credential is wrong, with the cure', async () => {
    const client = createClient({ ...options(), clientSecret: 'wrong' })
    await expect(client.getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      status: 401,
      retryable: false,
      oauth: { error: 'invalid_client' },
      hint: expect.stringContaining('Check clientId and clientSecret'),
    })
  })
})
