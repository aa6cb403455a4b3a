import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuthenticationMethodName, NewCredential } from '@countersign/server'
import {
  startAuthorizationServer,
  startLoopbackServer,
  type LoopbackServer,
} from '@countersign/testkit'
import { assertionForm, assertionKey, goodClaims, signJwt } from './assertion-kit.ts'
import { postToken } from './post-token.ts'
import { registerClient } from './register-client.ts'
import { CA, CLIENT, SELF_SIGNED } from './test-certificates.ts'
import { startTlsServer, type TlsServer } from './tls-server.ts'
import { ORDERS } from './two-apis.ts'

/** As `advisories-authentication.test.ts`: certificates, and everything that can be disabled. */
const key = assertionKey()

describe('mTLS: the wrong certificate of the chain, names in headers (CVE-2023-2422, CVE-2024-10039, CVE-2026-22747)', () => {
  let tls: TlsServer
  beforeAll(async () => {
    tls = await startTlsServer()
    await registerClient(tls, 'authority', { kind: 'certificate', certificate: CA })
    const subject = { kind: 'certificate_subject', member: 'san_dns' } as const
    await registerClient(tls, 'named', { ...subject, value: 'billing.clients.example' })
  })
  afterAll(() => tls[Symbol.asyncDispose]())

  it('looks at the leaf alone, not at who signed it', async () => {
    const identity = { key: CLIENT.key, cert: CLIENT.cert + CA }
    expect((await tls.post({ client_id: 'authority' }, { identity })).status).toBe(401)
    expect((await tls.post({ client_id: 'named' }, { identity })).status).toBe(200)
    const behind = { key: SELF_SIGNED.key, cert: SELF_SIGNED.cert + CLIENT.cert }
    expect((await tls.post({ client_id: 'named' }, { identity: behind })).status).toBe(401)
  })

  it.each([
    'client-cert',
    'x-client-cert',
    'x-ssl-client-cert',
    'x-forwarded-client-cert',
    'ssl-client-cert',
  ])('believes no header %s', async (name) => {
    const headers = { [name]: encodeURIComponent(CLIENT.cert) }
    expect((await tls.post({ client_id: 'named' }, { headers })).status).toBe(401)
  })

  it.each(['', ' ', 'billing', 'CN', 'CN=a,', 'CN=a\u0000b\\', '=x', 'CN=a+', 'XYZ=a'])(
    'registers no subject like %j',
    async (value) => {
      const credential = { kind: 'certificate_subject', member: 'subject_dn', value } as const
      const add = tls.administration.addCredential('named', credential)
      await expect(add).rejects.toMatchObject({ option: 'value' })
    },
  )

  it('offers none of it where nobody said where certificates come from', async () => {
    const header = { 'client-cert': `:${btoa('x')}:` }
    await using plain = await startAuthorizationServer()
    const post = { form: { client_id: 'billing' }, headers: header }
    expect((await postToken(plain.tokenEndpoint, post)).status).toBe(401)
    expect(plain.events.at(-1)).toMatchObject({ reason: 'credentials_missing' })
  })
})

describe('what is disabled and still gets in (CVE-2024-47000, -46999, -47060, CVE-2025-64717, CVE-2026-1486, -1609, -2733, -9705, -43983)', () => {
  let tls: TlsServer
  let site: LoopbackServer
  let workload: string
  const secrets = new Map<string, string>()
  const issuerKey = assertionKey()

  const CREDENTIALS: Readonly<Record<string, NewCredential>> = {
    client_secret_basic: { kind: 'secret' },
    client_secret_post: { kind: 'imported_secret', secret: 'a secret that somebody chose' },
    client_secret_jwt: { kind: 'secret', sealed: true },
    private_key_jwt: { kind: 'public_key', publicKey: key.publicPem },
    key_set: { kind: 'key_set', jwksUri: '' },
    tls_client_auth: {
      kind: 'certificate_subject',
      member: 'san_dns',
      value: 'billing.clients.example',
    },
    self_signed_tls_client_auth: { kind: 'certificate', certificate: SELF_SIGNED.cert },
    federated: { kind: 'federated', issuer: 'https://ci.example.test', subject: 'job' },
  }
  const METHODS = Object.keys(CREDENTIALS)

  beforeAll(async () => {
    site = await startLoopbackServer(() => Response.json({ keys: [key.publicJwk] }))
    tls = await startTlsServer({ fetch: globalThis.fetch })
    workload = 'https://ci.example.test'
    const jwks = { keys: [issuerKey.publicJwk] }
    await tls.administration.createTrustedIssuer({ issuer: workload, jwks })
    for (const [clientId, credential] of Object.entries(CREDENTIALS)) {
      const jwksUri = `${site.origin}/keys`
      const given = credential.kind === 'key_set' ? { ...credential, jwksUri } : credential
      secrets.set(clientId, await registerClient(tls, clientId, given))
    }
  })
  afterAll(async () => {
    await site.close()
    await tls[Symbol.asyncDispose]()
  })

  /** A good request of that method, to one of the endpoints where clients authenticate. */
  async function ask(method: string, path = '/token'): Promise<number> {
    const claims = goodClaims(method, tls.issuer)
    const secret = secrets.get(method) ?? ''
    const form: Record<string, string> = path === '/token' ? {} : { token: 'x' }
    const post = (more: Record<string, string>, options = {}) =>
      tls.post({ ...form, ...more }, { path, ...options }).then(({ status }) => status)
    switch (method) {
      case 'client_secret_basic':
        return post({}, { headers: { authorization: `Basic ${btoa(`${method}:${secret}`)}` } })
      case 'client_secret_post':
        return post({ client_id: method, client_secret: 'a secret that somebody chose' })
      case 'client_secret_jwt':
        return post(assertionForm(signJwt({ alg: 'HS256' }, claims, secret)))
      case 'tls_client_auth':
        return post({ client_id: method }, { identity: CLIENT })
      case 'self_signed_tls_client_auth':
        return post({ client_id: method }, { identity: SELF_SIGNED })
      case 'federated': {
        const about = { ...claims, iss: workload, sub: 'job' }
        return post(assertionForm(signJwt({ alg: 'ES256' }, about, issuerKey.privateKey)))
      }
      default:
        return post(assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey)))
    }
  }

  async function credentialOf(clientId: string): Promise<string> {
    const clients = await tls.administration.listClients()
    const client = clients.find((one) => one.clientId === clientId)
    return client?.credentials[0]?.credentialId ?? ''
  }

  const PATHS = ['/token', '/introspect', '/revoke']

  it.each(METHODS)('a client that authenticates by %s', async (method) => {
    const { administration, server: own } = tls
    for (const path of PATHS) expect([path, await ask(method, path)]).toEqual([path, 200])
    await administration.disableClient(method)
    await own.refresh()
    for (const path of PATHS) {
      expect([path, await ask(method, path)]).toEqual([path, 401])
      expect(tls.events.at(-1)).toMatchObject({ reason: 'client_disabled', clientId: method })
    }
    await administration.enableClient(method)
    await own.refresh()
    expect(await ask(method)).toBe(200)
  })

  it.each(METHODS)('a credential for %s, disabled and then retired', async (method) => {
    const { administration, server: own } = tls
    const credentialId = await credentialOf(method)
    await administration.disableCredential(credentialId)
    await own.refresh()
    for (const path of PATHS) expect([path, await ask(method, path)]).toEqual([path, 401])
    await administration.enableCredential(credentialId)
    await own.refresh()
    expect(await ask(method)).toBe(200)
    await administration.retireCredential(credentialId)
    await own.refresh()
    for (const path of PATHS) expect([path, await ask(method, path)]).toEqual([path, 401])
    // Nothing brings it back.
    await administration.retireCredential(credentialId, { at: Date.now() + 1_000_000 })
    await administration.enableCredential(credentialId)
    await own.refresh()
    expect(await ask(method)).toBe(401)
    const { [method]: credential = null } = CREDENTIALS
    if (credential === null) return
    const jwksUri = `${site.origin}/keys`
    const given = credential.kind === 'key_set' ? { ...credential, jwksUri } : credential
    const added = await administration.addCredential(method, given)
    secrets.set(method, added.secret?.reveal() ?? '')
    await own.refresh()
    expect(await ask(method)).toBe(200)
  })

  it('a trusted issuer', async () => {
    const { administration, server: own } = tls
    await administration.disableTrustedIssuer(workload)
    await own.refresh()
    for (const path of PATHS) expect([path, await ask('federated', path)]).toEqual([path, 401])
    await administration.enableTrustedIssuer(workload)
    await own.refresh()
    expect(await ask('federated')).toBe(200)
  })

  it.each(METHODS)('a resource, asked for by %s', async (method) => {
    const { administration, server: own } = tls
    await administration.disableResource(ORDERS)
    await own.refresh()
    expect(await ask(method)).toBe(400)
    await administration.enableResource(ORDERS)
    await own.refresh()
    expect(await ask(method)).toBe(200)
  })

  it.each(METHODS)('a method, taken away from a client that used it: %s', async (method) => {
    const { administration, server: own } = tls
    const others: AuthenticationMethodName[] = [
      method === 'client_secret_basic' ? 'client_secret_post' : 'client_secret_basic',
    ]
    await administration.setAuthenticationMethods(method, others)
    await own.refresh()
    for (const path of PATHS) expect([path, await ask(method, path)]).toEqual([path, 401])
    expect(tls.events.at(-1)).toMatchObject({ reason: 'method_not_allowed' })
    await administration.setAuthenticationMethods(method, null)
    await own.refresh()
    expect(await ask(method)).toBe(200)
  })
})
