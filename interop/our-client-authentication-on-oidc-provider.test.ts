import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto'
import { type ClientOptions, createClient, type FetchFunction } from '@countersign/client'
import {
  clientSecretJwt,
  privateKeyJwt,
  selfSignedTlsClientAuth,
  type SignatureAlgorithm,
  tlsClientAuth,
} from '@countersign/client/authentication'
import type { ClientMetadata } from 'oidc-provider'
import { Agent, fetch as undiciFetch } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOidcProviderFor, type RunningOidcProvider } from './servers/oidc-provider.ts'
import { CLIENT_NAME, makeTestPki, type Identity } from './servers/test-pki.ts'

const SECRET = 'a secret of thirty-two bytes or more'
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ed = generateKeyPairSync('ed25519')
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const pem = (key: KeyObject) => key.export({ format: 'pem', type: 'pkcs8' }) as string
const keys = [ec, rsa, ed].map(({ publicKey }, index) => ({
  ...publicKey.export({ format: 'jwk' }),
  kid: `key-${index}`,
  use: 'sig',
}))

const CLIENTS: ClientMetadata[] = [
  {
    client_id: 'secret-jwt',
    client_secret: SECRET,
    token_endpoint_auth_method: 'client_secret_jwt',
  },
  { client_id: 'key-jwt', jwks: { keys }, token_endpoint_auth_method: 'private_key_jwt' },
] as ClientMetadata[]

describe('our client on oidc-provider by assertion', () => {
  let provider: RunningOidcProvider
  beforeAll(async () => {
    provider = await startOidcProviderFor(CLIENTS)
  })
  afterAll(() => provider[Symbol.asyncDispose]())

  const client = (options: Partial<ClientOptions>) =>
    createClient({ issuer: provider.issuer, clientId: 'key-jwt', scope: ['read'], ...options })

  it('obtains tokens by client_secret_jwt, and is told of a wrong secret', async () => {
    const good = client({
      clientId: 'secret-jwt',
      clientAuthentication: clientSecretJwt({ clientSecret: SECRET }),
    })
    expect(await good.getToken()).toMatchObject({ type: 'Bearer', scope: ['read'] })
    const wrong = client({
      clientId: 'secret-jwt',
      clientAuthentication: clientSecretJwt({ clientSecret: `${SECRET}?` }),
    })
    await expect(wrong.getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'invalid_client' },
    })
  })

  it.each<[SignatureAlgorithm, KeyObject, string]>([
    ['ES256', ec.privateKey, 'key-0'],
    ['RS256', rsa.privateKey, 'key-1'],
    ['PS256', rsa.privateKey, 'key-1'],
    ['Ed25519', ed.privateKey, 'key-2'],
    ['EdDSA', ed.privateKey, 'key-2'],
  ])('obtains tokens by private_key_jwt, signed %s', async (alg, key, kid) => {
    for (const audience of ['issuer', 'token_endpoint'] as const) {
      for (const typ of ['client-authentication+jwt', 'JWT', null] as const) {
        const proof = privateKeyJwt({ key: pem(key), alg, kid, audience, typ })
        const { getToken } = client({ clientAuthentication: proof })
        expect(await getToken()).toMatchObject({ type: 'Bearer', scope: ['read'] })
      }
    }
  })

  it('needs no kid, and is refused with a key or an audience that is not known', async () => {
    const plain = client({ clientAuthentication: privateKeyJwt({ key: pem(ec.privateKey) }) })
    await plain.getToken()
    for (const proof of [
      privateKeyJwt({ key: pem(stranger.privateKey) }),
      privateKeyJwt({ key: pem(ec.privateKey), audience: 'https://other.example' }),
    ]) {
      await expect(client({ clientAuthentication: proof }).getToken()).rejects.toMatchObject({
        code: 'ERR_REFUSED',
        oauth: { error: 'invalid_client' },
        hint: expect.stringContaining('audience'),
      })
    }
  })

  it('tries the next key when the current one is not known any more', async () => {
    const before = provider.tokenRequests()
    const proof = privateKeyJwt({ key: () => [pem(stranger.privateKey), pem(ec.privateKey)] })
    await client({ clientAuthentication: proof }).getToken()
    expect(provider.tokenRequests() - before).toBe(2)
  })

  it('is never taken for a replay: 50 requests at once, each with an assertion of its own', async () => {
    const proof = privateKeyJwt({ key: pem(ec.privateKey) })
    const tokens = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        client({ clientAuthentication: proof }).getToken({ partition: String(index) }),
      ),
    )
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(50)
  })

  it.each([-300_000, -47_000, 47_000, 300_000])(
    'obtains a token though our clock is %d ms from the server’s',
    async (off) => {
      const before = provider.tokenRequests()
      const proof = privateKeyJwt({ key: pem(ec.privateKey), lifetime: 30_000 })
      const { getToken } = client({ clientAuthentication: proof, now: () => Date.now() + off })
      await getToken()
      expect(provider.tokenRequests() - before).toBe(2)
    },
  )
})

const pki = await makeTestPki()

describe.skipIf(pki === undefined)('our client on oidc-provider by certificate', () => {
  if (pki === undefined) return
  let provider: RunningOidcProvider
  beforeAll(async () => {
    const { raw, publicKey } = new X509Certificate(pki.selfSigned.cert)
    const own = { ...publicKey.export({ format: 'jwk' }), x5c: [raw.toString('base64')] }
    provider = await startOidcProviderFor(
      [
        {
          client_id: 'by-name',
          token_endpoint_auth_method: 'tls_client_auth',
          tls_client_auth_san_dns: CLIENT_NAME,
        },
        {
          client_id: 'by-certificate',
          token_endpoint_auth_method: 'self_signed_tls_client_auth',
          jwks: { keys: [own] },
        },
      ] as ClientMetadata[],
      pki,
    )
  })
  afterAll(() => provider[Symbol.asyncDispose]())

  /** A fetch whose connections trust the authority, and present a certificate where one is given. */
  function fetchBy(identity?: Identity): FetchFunction {
    const dispatcher = new Agent({ connect: { ca: pki?.ca ?? '', ...identity } })
    return (input, init) =>
      undiciFetch(input as string, {
        ...(init as object),
        dispatcher,
      }) as Promise<unknown> as Promise<Response>
  }

  const client = (clientId: string, clientAuthentication: ClientOptions['clientAuthentication']) =>
    createClient({
      issuer: provider.issuer,
      clientId,
      scope: ['read'],
      fetch: fetchBy(),
      ...(clientAuthentication && { clientAuthentication }),
    })

  it('obtains tokens by tls_client_auth, at the alias for mutual TLS [std:125] [std:126]', async () => {
    const proof = tlsClientAuth({ fetch: fetchBy(pki.client) })
    expect(await client('by-name', proof).getToken()).toMatchObject({ scope: ['read'] })
  })

  it('obtains tokens by self_signed_tls_client_auth [std:125] [std:126]', async () => {
    const proof = selfSignedTlsClientAuth({ fetch: fetchBy(pki.selfSigned) })
    expect(await client('by-certificate', proof).getToken()).toMatchObject({ scope: ['read'] })
  })

  it.each<[string, string, Identity | undefined]>([
    ['another name', 'by-name', pki.otherClient],
    ['another authority', 'by-name', pki.selfSigned],
    ['no certificate', 'by-name', undefined],
    ['another certificate', 'by-certificate', pki.otherSelfSigned],
    ['no certificate', 'by-certificate', undefined],
  ])('is refused with %s as %s', async (_, clientId, identity) => {
    const before = provider.tokenRequests()
    const proof = tlsClientAuth({ fetch: fetchBy(identity) })
    await expect(client(clientId, proof).getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'invalid_client' },
    })
    expect(provider.tokenRequests() - before).toBe(1)
  })
})
