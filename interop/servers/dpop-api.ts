import { createHash } from 'node:crypto'
import { startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, jwtVerify } from 'jose'
import { API } from './oidc-provider-bound.ts'

/** An API that checks token and proof with jose alone, and wants its newest nonces where it is told to. */
export async function startDpopApi(
  issuer: string,
  { nonces = false }: { readonly nonces?: boolean } = {},
): Promise<LoopbackServer> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const seen = new Set<unknown>()
  let count = 0
  return startLoopbackServer(async (request) => {
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
}
