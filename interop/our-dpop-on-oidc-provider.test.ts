import { createHash } from 'node:crypto'
import { startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, jwtVerify } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '@countersign/client'
import { dpop, type DpopOptions } from '@countersign/client/sender-constraint'
import {
  API,
  startBoundOidcProvider,
  type BoundOidcProvider,
} from './servers/oidc-provider-bound.ts'

const SECRET = 'a-secret-of-no-other-use'

async function provider(requireNonce: boolean): Promise<BoundOidcProvider> {
  const started = await startBoundOidcProvider({ secret: SECRET, requireNonce })
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

/** An API that checks token and proof with jose alone, and wants its newest nonces where it is told to. */
async function guardedApi(issuer: string, { nonces = false } = {}): Promise<LoopbackServer> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const seen = new Set<unknown>()
  let count = 0
  const started = await startLoopbackServer(async (request) => {
    const token = /^DPoP (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1] ?? ''
    const access = await jwtVerify(token, keys, { issuer, audience: API, typ: 'at+jwt' })
    const proof = await jwtVerify(request.headers.get('dpop') ?? '', EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: ['ES256', 'Ed25519'],
      maxTokenAge: 60,
    })
    const { jwk } = proof.protectedHeader
    const { jti, htm, htu, ath, nonce } = proof.payload
    const url = new URL(request.url)
    const { jkt } = access.payload['cnf'] as { jkt: string }
    const isRight =
      jwk !== undefined &&
      (await calculateJwkThumbprint(jwk)) === jkt &&
      ath === createHash('sha256').update(token).digest('base64url') &&
      htm === request.method &&
      htu === url.origin + url.pathname &&
      jti !== undefined &&
      !seen.has(jti)
    if (!isRight) return new Response('a proof that does not fit', { status: 403 })
    seen.add(jti)
    const headers: Record<string, string> = nonces ? { 'dpop-nonce': `n-${++count}` } : {}
    if (nonces && !/^n-\d+$/.test(String(nonce))) {
      headers['www-authenticate'] = 'DPoP error="use_dpop_nonce"'
      return new Response('no', { status: 401, headers })
    }
    return Response.json({ hello: access.payload['client_id'] }, { headers })
  })
  onTestFinished(() => started.close())
  return started
}

function clientOf(issuer: string, options?: DpopOptions) {
  return createClient({
    issuer,
    clientId: 'dpop-client',
    clientSecret: SECRET,
    resource: API,
    scope: ['read'],
    senderConstraint: dpop(options),
  })
}

describe('our DPoP on oidc-provider', () => {
  it.each(['ES256', 'Ed25519'] as const)(
    'obtains a bound token and calls an API with it that checks the proof: %s',
    async (alg) => {
      const { issuer, statuses } = await provider(false)
      const api = await guardedApi(issuer)
      const auth = clientOf(issuer, { alg })
      for (const path of ['/orders', '/orders?x=1']) {
        const response = await auth.fetch(`${api.origin}${path}`, { method: 'POST', body: 'x' })
        expect(await response.json()).toEqual({ hello: 'dpop-client' })
      }
      expect((await auth.getToken()).type).toBe('DPoP')
      expect(statuses).toEqual([200])
    },
  )

  it('gives the nonce that both demand, once asked for', async () => {
    const { issuer, statuses } = await provider(true)
    const api = await guardedApi(issuer, { nonces: true })
    const auth = clientOf(issuer)
    const all = await Promise.all(Array.from({ length: 20 }, () => auth.fetch(api.origin)))
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
    expect(statuses).toEqual([400, 200])
    expect(api.requests).toHaveLength(21)
    await auth.getToken({ scope: 'write' })
    expect(statuses).toEqual([400, 200, 200])
  })

  it('is refused by oidc-provider without a constraint, as a client that must have one', async () => {
    const { issuer } = await provider(false)
    const auth = createClient({
      issuer,
      clientId: 'dpop-client',
      clientSecret: SECRET,
      resource: API,
      scope: 'read',
    })
    await expect(auth.getToken()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
  })
})
