import { generateKeyPairSync } from 'node:crypto'
import { createClient } from '@countersign/client'
import { dpop } from '@countersign/client/sender-constraint'
import { privateKeyJwt } from '@countersign/client/authentication'
import { createGuard } from '@countersign/guard'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBetterAuth, type RunningBetterAuth } from './servers/better-auth.ts'

let server: RunningBetterAuth
beforeAll(async () => {
  server = await startBetterAuth()
}, 60_000)
afterAll(() => server[Symbol.asyncDispose]())

describe('our client on better-auth, whose issuer has a path', () => {
  it.each(['client_secret_basic', 'client_secret_post'] as const)(
    'obtains an opaque token by discovery and %s',
    async (authMethod) => {
      const credentials = await server.register({ token_endpoint_auth_method: authMethod })
      const client = createClient({
        issuer: server.issuer,
        ...credentials,
        authMethod,
        scope: 'read',
      })
      expect(await client.getToken()).toMatchObject({ type: 'Bearer', scope: ['read'] })
    },
  )

  it('obtains a JWT for a resource, which our guard takes', async () => {
    const credentials = await server.register({ token_endpoint_auth_method: 'client_secret_basic' })
    const client = createClient({
      issuer: server.issuer,
      ...credentials,
      scope: 'read',
      resource: server.resource,
    })
    const { value } = await client.getToken()
    const guard = createGuard({ issuer: server.issuer, audience: server.resource })
    const request = new Request(server.resource, { headers: { authorization: `Bearer ${value}` } })
    const verdict = await guard(request, { scope: { all: ['read'] } })
    expect(verdict).toMatchObject({
      allowed: true,
      principal: { kind: 'client', clientId: credentials.clientId },
    })
  })

  it('authenticates with a private key, and binds tokens to another one by DPoP', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = {
      ...publicKey.export({ format: 'jwk' }),
      kid: 'client-key',
      alg: 'ES256',
      use: 'sig',
    }
    const { clientId } = await server.register({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [jwk] },
      dpop_bound_access_tokens: true,
    })
    const client = createClient({
      issuer: server.issuer,
      clientId,
      clientAuthentication: privateKeyJwt({
        key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
        kid: 'client-key',
      }),
      senderConstraint: dpop(),
      scope: 'read',
      resource: server.resource,
    })
    const token = await client.getToken()
    expect(token.type).toBe('DPoP')
    expect(decodeJwt(token.value)).toMatchObject({ cnf: { jkt: expect.any(String) } })
  })
})
