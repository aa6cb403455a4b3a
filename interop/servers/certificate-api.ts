import { createServer } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { FetchFunction } from '@countersign/client'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { API } from './oidc-provider-bound.ts'
import type { Identity } from './test-pki.ts'

/** A running API. */
export interface CertificateApi extends AsyncDisposable {
  readonly origin: string
}

/** An API that compares the token's certificate with that of the connection. */
export async function startCertificateApi(
  issuer: string,
  { connection, tls }: { readonly connection: FetchFunction; readonly tls: Identity },
): Promise<CertificateApi> {
  const jwks = (await (await connection(`${issuer}/jwks`)).json()) as JSONWebKeySet
  const keys = createLocalJWKSet(jwks)
  const options = { ...tls, requestCert: true, rejectUnauthorized: false }
  const api = createServer(options, (request, response) => {
    void (async () => {
      const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
      const { payload } = await jwtVerify(token, keys, { issuer, audience: API, typ: 'at+jwt' })
      const shown = (request.socket as TLSSocket).getPeerCertificate()
      const thumbprint = Buffer.from(shown.fingerprint256.replaceAll(':', ''), 'hex')
      const bound = (payload['cnf'] as { 'x5t#S256': string })['x5t#S256']
      const isRight = bound === thumbprint.toString('base64url')
      if (!isRight) response.setHeader('www-authenticate', 'Bearer error="invalid_token"')
      response.writeHead(isRight ? 200 : 401).end(String(payload['client_id']))
    })()
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const address = api.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return {
    origin: `https://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        api.close(() => resolve())
        api.closeAllConnections()
      }),
  }
}
