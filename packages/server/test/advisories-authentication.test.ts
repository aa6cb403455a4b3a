import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createAuthorizationServer,
  type AuthenticationMethodName,
  type NewCredential,
  type ReplayStore,
} from '@countersign/server'
import {
  memoryStore,
  startAuthorizationServer,
  startLoopbackServer,
  type LoopbackServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { assertionForm, assertionKey, goodClaims, present, signJwt } from './assertion-kit.ts'
import { dpopProof, proofKey } from './dpop-proofs.ts'
import { postToken } from './post-token.ts'
import { CA, CLIENT, SELF_SIGNED } from './test-certificates.ts'
import { startTlsServer, type TlsServer } from './tls-server.ts'
import { ORDERS } from './two-apis.ts'

/**
 * What went wrong in other servers, by class, as far as it is about who a client is. The numbers are those
 * of public advisories.
 */
const RESOURCES = [{ resource: ORDERS, scopes: ['orders:read'] }]
const key = assertionKey()

async function register(
  { administration, server }: Pick<RunningAuthorizationServer, 'administration' | 'server'>,
  clientId: string,
  credential: NewCredential | null,
): Promise<string> {
  const made = await administration.createClient({ clientId, credential })
  await administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
  await server.refresh()
  return made.secret?.reveal() ?? ''
}

let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({ resources: RESOURCES })
  await register(server, 'signer', { kind: 'public_key', publicKey: key.publicPem })
})
afterAll(() => server.close())

function sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string {
  const all = { ...goodClaims('signer', server.issuer), ...claims }
  return signJwt({ alg: 'ES256', ...header }, all, key.privateKey)
}

const statusOf = async (form: Record<string, string>): Promise<number> =>
  (await present(server, form)).status

describe('assertion replay (CVE-2020-5300, CVE-2020-15222)', () => {
  it('is refused by the node that took it, at once, by another node, and after a restart', async () => {
    const store = memoryStore()
    const first = await startAuthorizationServer({ store, resources: RESOURCES })
    await register(first, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    const { issuer, tokenEndpoint, masterKeys } = first
    const form = assertionForm(
      signJwt({ alg: 'ES256' }, goodClaims('signer', issuer), key.privateKey),
    )
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
    const nodes = [1, 2, 3].map(() => createAuthorizationServer({ issuer, store, masterKeys }))
    const everywhere = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) =>
        nodes[i % nodes.length]?.fetch(new Request(tokenEndpoint, { method: 'POST', body })),
      ),
    )
    const statuses = everywhere.map((response) => response?.status)
    expect(statuses.toSorted()).toEqual([200, 401, 401, 401, 401, 401, 401, 401, 401])
    await Promise.all(nodes.map((node) => node.close()))
    await first.close()
    await using again = createAuthorizationServer({ issuer, store, masterKeys })
    const late = await again.fetch(new Request(tokenEndpoint, { method: 'POST', body }))
    expect(late.status).toBe(401)
  })
})

describe('unbounded life of assertions and of what is remembered (CVE-2025-2559)', () => {
  it('refuses an exp a day ahead, and remembers no longer than an assertion can be used', async () => {
    expect(await statusOf(assertionForm(sign({ exp: Date.now() / 1000 + 86_400 })))).toBe(401)
    const store = memoryStore()
    const kept: { readonly key: string; readonly expiresAt: number }[] = []
    const replay: ReplayStore = {
      ...store.replay,
      reserve(name, expiresAt) {
        kept.push({ key: name, expiresAt })
        return store.replay.reserve(name, expiresAt)
      },
    }
    await using running = await startAuthorizationServer({
      store: { ...store, replay },
      resources: RESOURCES,
    })
    await register(running, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    kept.length = 0
    const claims: Record<string, unknown> = {
      ...goodClaims('signer', running.issuer),
      jti: 'j'.repeat(256),
    }
    const form = assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey))
    expect((await present(running, form)).status).toBe(200)
    expect(kept).toEqual([
      { key: expect.stringMatching(/^[\w-]{43}$/), expiresAt: expect.any(Number) },
    ])
    const [one] = kept
    expect(one?.expiresAt).toBe(Number(claims['exp']) * 1000 + 61_000)
    // Nothing is remembered of an assertion that is refused.
    const forged = assertionForm(signJwt({ alg: 'ES256' }, claims, assertionKey().privateKey))
    expect((await present(running, forged)).status).toBe(401)
    expect(kept).toHaveLength(1)
  })
})

describe('missing claims (GHSA-wxg7-w2v3-w38g, CVE-2026-56665, CVE-2026-55669)', () => {
  it.each(['iss', 'sub', 'aud', 'exp', 'jti'])('refuses an assertion without %s', async (claim) => {
    for (const value of [undefined, null, '', {}, []]) {
      expect(await statusOf(assertionForm(sign({ [claim]: value })))).toBe(401)
    }
  })
})

describe('audience injection (CVE-2025-27370, CVE-2025-27371)', () => {
  it.each([
    ['the token endpoint', () => server.tokenEndpoint],
    ['the issuer in a list', () => [server.issuer]],
    ['the issuer and another', () => [server.issuer, 'https://evil.example.test']],
    ['the issuer in another case', () => server.issuer.toUpperCase()],
    ['an object', () => ({ aud: server.issuer })],
    ['a blank behind it', () => `${server.issuer} `],
  ])('refuses %s', async (_what, aud) => {
    expect(await statusOf(assertionForm(sign({ aud: aud() })))).toBe(401)
  })
})

describe('algorithm confusion and empty HMAC keys (CVE-2026-11800, CVE-2024-37568, CVE-2026-45363)', () => {
  const claims = (): Record<string, unknown> => goodClaims('signer', server.issuer)
  it.each<[string, () => string]>([
    ['none', () => signJwt({ alg: 'none' }, claims(), undefined)],
    ['None with a signature', () => signJwt({ alg: 'None' }, claims(), key.privateKey)],
    ['an empty algorithm', () => signJwt({ alg: '' }, claims(), key.privateKey)],
    ['a list of algorithms', () => signJwt({ alg: ['ES256'] }, claims(), key.privateKey)],
    [
      'an algorithm called __proto__',
      () => signJwt({ alg: '__proto__' }, claims(), key.privateKey),
    ],
    ['HMAC by an empty key', () => signJwt({ alg: 'HS256' }, claims(), '')],
    ['HMAC by the public key as PEM', () => signJwt({ alg: 'HS256' }, claims(), key.publicPem)],
    [
      'HMAC by the PEM less its last line end',
      () => signJwt({ alg: 'HS256' }, claims(), key.publicPem.trim()),
    ],
    [
      'HMAC by the public JWK',
      () => signJwt({ alg: 'HS256' }, claims(), JSON.stringify(key.publicJwk)),
    ],
    ['RSA named for an EC key', () => signJwt({ alg: 'PS256' }, claims(), key.privateKey)],
    [
      'a key that it brings along',
      () => {
        const own = assertionKey()
        return signJwt({ alg: 'ES256', jwk: own.publicJwk }, claims(), own.privateKey)
      },
    ],
  ])('refuses %s', async (_what, make) => {
    expect(await statusOf(assertionForm(make()))).toBe(401)
  })
})

describe('method downgrade, and policies that unverified input satisfies (CVE-2026-16093)', () => {
  it('takes no two methods, whichever they are, and whether or not one of them is good', async () => {
    const { client, tokenEndpoint } = server
    const secret = { client_id: client.clientId, client_secret: client.clientSecret }
    const both = [
      { basic: client, form: secret },
      { basic: client, form: { client_secret: 'x' } },
      { basic: client, form: { client_assertion: sign() } },
      { basic: client, form: { client_assertion_type: 'x' } },
      { form: { ...secret, ...assertionForm(sign()) } },
      { form: { ...secret, client_assertion: 'unsigned' } },
    ]
    for (const post of both) {
      const { status, json } = await postToken(tokenEndpoint, post)
      expect([status, json['error']]).toEqual([400, 'invalid_request'])
      expect(server.events.at(-1)).toMatchObject({ reason: 'several_methods' })
    }
  })

  it('counts the method that was verified, not the one that was shown', async () => {
    const secret = await register(server, 'mixed', { kind: 'secret' })
    const { administration, tokenEndpoint } = server
    const publicKey = key.publicPem
    await administration.addCredential('mixed', { kind: 'public_key', publicKey })
    await administration.setAuthenticationMethods('mixed', ['private_key_jwt'])
    await server.server.refresh()
    const basic = { clientId: 'mixed', clientSecret: secret }
    const form = { client_id: 'mixed', client_secret: secret }
    for (const post of [{ basic }, { form }]) {
      expect((await postToken(tokenEndpoint, post)).status).toBe(401)
      expect(server.events.at(-1)).toMatchObject({ reason: 'method_not_allowed' })
    }
    const claims = goodClaims('mixed', server.issuer)
    const unsigned = signJwt({ alg: 'none' }, claims, undefined)
    expect(await statusOf(assertionForm(unsigned))).toBe(401)
    expect(await statusOf(assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey)))).toBe(
      200,
    )
  })
})

describe('policies passed by a change or by leaving out (CVE-2026-18573, -18570, -9792, -15572, -16102)', () => {
  it('holds a policy for credentials that come after it', async () => {
    await register(server, 'later', { kind: 'public_key', publicKey: key.publicPem })
    const { administration, tokenEndpoint } = server
    await administration.setAuthenticationMethods('later', ['private_key_jwt'])
    const added = await administration.addCredential('later', { kind: 'secret', sealed: true })
    const rotated = await administration.rotateSecret('later')
    await server.server.refresh()
    for (const secret of [added.secret?.reveal() ?? '', rotated.secret.reveal()]) {
      const basic = { clientId: 'later', clientSecret: secret }
      expect((await postToken(tokenEndpoint, { basic })).status).toBe(401)
      const hmac = signJwt({ alg: 'HS256' }, goodClaims('later', server.issuer), secret)
      expect(await statusOf(assertionForm(hmac))).toBe(401)
      expect(server.events.at(-1)).toMatchObject({ reason: 'method_not_allowed' })
    }
    await administration.setAuthenticationMethods('later', [])
    await server.server.refresh()
    const claims = goodClaims('later', server.issuer)
    expect(await statusOf(assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey)))).toBe(
      401,
    )
  })

  it('gives a client without a credential nothing to get in by', async () => {
    await register(server, 'bare', null)
    const claims = goodClaims('bare', server.issuer)
    expect(await statusOf({ client_id: 'bare' })).toBe(401)
    expect(await statusOf({ client_id: 'bare', client_secret: 'undefined' })).toBe(401)
    expect(await statusOf(assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey)))).toBe(
      401,
    )
  })

  it('gives no bearer token to who sends a bad proof, or none where one is wanted (giantswarm/mcp-oauth#383)', async () => {
    const proof = dpopProof(proofKey(), server.tokenEndpoint, { claims: { htm: 'GET' } })
    for (const dpop of ['', 'x', proof]) {
      const { status } = await postToken(server.tokenEndpoint, {
        basic: server.client,
        headers: { dpop },
      })
      expect(status).toBe(400)
    }
  })
})

describe('artefacts of another client (CVE-2026-55672, CVE-2026-28513, CVE-2026-16089)', () => {
  it('takes no key, assertion or identifier of one client for another', async () => {
    const other = assertionKey()
    await register(server, 'other', { kind: 'public_key', publicKey: other.publicPem })
    const asOther = { iss: 'other', sub: 'other' }
    expect(await statusOf(assertionForm(sign(asOther)))).toBe(401)
    expect(await statusOf(assertionForm(sign({ iss: 'other' })))).toBe(401)
    expect(await statusOf(assertionForm(sign({ sub: 'other' })))).toBe(401)
    expect(await statusOf(assertionForm(sign(), 'other'))).toBe(400)
  })
})

describe('SSRF by the address of keys (CVE-2026-1180, -4366, -1518, CVE-2024-49753, CVE-2026-55671)', () => {
  let site: LoopbackServer
  let big = 0
  beforeAll(async () => {
    site = await startLoopbackServer((request) => {
      const { pathname, origin } = new URL(request.url)
      const jwks = JSON.stringify({ keys: [key.publicJwk] })
      if (pathname === '/redirect') return Response.redirect(`${origin}/keys`, 302)
      if (pathname === '/html') {
        return new Response(jwks, { headers: { 'content-type': 'text/html' } })
      }
      if (pathname === '/huge') {
        const part = new TextEncoder().encode(' '.repeat(65_536))
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            big += part.length
            if (big > 64 * 1024 * 1024) controller.close()
            else controller.enqueue(part)
          },
        })
        return new Response(body, { headers: { 'content-type': 'application/json' } })
      }
      if (pathname === '/private') return Response.json({ keys: [{ kty: 'oct', k: 'AAAA' }] })
      return Response.json({ keys: [key.publicJwk] })
    })
  })
  afterAll(() => site.close())

  it.each<[string, () => string]>([
    ['a link-local address', () => 'https://169.254.169.254/latest/meta-data'],
    ['a private address', () => 'https://10.0.0.1/keys'],
    ['a private address as IPv6', () => 'https://[::ffff:192.168.0.1]/keys'],
    ['a unique local address', () => 'https://[fd00::1]/keys'],
    ['the address of everything', () => 'https://0.0.0.0/keys'],
    ['a number for an address', () => 'https://2130706433:1/keys'],
    ['a redirect', () => `${site.origin}/redirect`],
    ['another media type', () => `${site.origin}/html`],
    ['a document without end', () => `${site.origin}/huge`],
    ['a symmetric key', () => `${site.origin}/private`],
  ])('uses no keys behind %s', async (what, address) => {
    const clientId = `keys-${what.replaceAll(/\W/g, '-')}`
    await register(server, clientId, { kind: 'key_set', jwksUri: address() })
    const jwt = signJwt({ alg: 'ES256' }, goodClaims(clientId, server.issuer), key.privateKey)
    const { status, json } = await present(server, assertionForm(jwt))
    expect([status, json['error']]).toEqual([503, 'temporarily_unavailable'])
  })

  it('stops reading a document that is too long', () => {
    expect(big).toBeLessThan(8 * 1024 * 1024)
  })

  it('asks nobody who is on loopback where the issuer is not', async () => {
    let asked = 0
    const listener = createServer(() => void asked++).listen(0, '127.0.0.1')
    await new Promise((resolve) => listener.once('listening', resolve))
    const { port } = listener.address() as { readonly port: number }
    const { store, masterKeys } = server
    const jwksUri = `https://localhost:${port}/keys`
    await register(server, 'on-loopback', { kind: 'key_set', jwksUri })
    const issuer = 'https://as.example.test'
    await using far = createAuthorizationServer({ issuer, store, masterKeys })
    const jwt = signJwt({ alg: 'ES256' }, goodClaims('on-loopback', issuer), key.privateKey)
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...assertionForm(jwt) })
    const response = await far.fetch(new Request(`${issuer}/token`, { method: 'POST', body }))
    listener.close()
    expect([response.status, asked]).toEqual([503, 0])
  })

  it.each(['http://keys.example.test/', 'ftp://keys.example.test/', 'file:///etc/passwd', 'keys'])(
    'registers no address like %s',
    async (jwksUri) => {
      const { administration } = server
      const add = administration.addCredential('signer', { kind: 'key_set', jwksUri })
      await expect(add).rejects.toMatchObject({ option: 'jwksUri' })
      const trust = administration.createTrustedIssuer({ issuer: 'https://x.example', jwksUri })
      await expect(trust).rejects.toMatchObject({ option: 'jwksUri' })
    },
  )
})

describe('parsing that costs too much (CVE-2025-30204, CVE-2025-27144, CVE-2026-79651)', () => {
  const nested = `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`
  it.each<[string, () => string]>([
    ['ten thousand dots', () => '.'.repeat(10_000)],
    ['a header of ten thousand letters', () => `${'A'.repeat(10_000)}.e30.AA`],
    [
      'claims three thousand deep',
      () => `e30.${Buffer.from(nested).toString('base64url').slice(0, 9000)}.AA`,
    ],
    ['a kid of a thousand letters', () => sign({}, { kid: 'k'.repeat(1000) })],
    ['padding', () => `${sign()}==`],
    ['blanks', () => sign().replace('.', ' . ')],
    ['a line end', () => `${sign()}\n`],
    [
      'a member twice over in its header',
      () => {
        const header = Buffer.from('{"alg":"none","alg":"HS256"}').toString('base64url')
        return [header, ...sign().split('.').slice(1)].join('.')
      },
    ],
    [
      'a subject of ten thousand letters',
      () => sign({ sub: 's'.repeat(3000), iss: 's'.repeat(3000) }),
    ],
    ['JSON that is a list', () => `${Buffer.from('[]').toString('base64url')}.e30.AA`],
  ])('refuses %s, and fails at nothing', async (_what, make) => {
    expect(await statusOf(assertionForm(make()))).toBe(401)
  })

  it('refuses an assertion over 16 KiB before it is looked at', async () => {
    expect(await statusOf(assertionForm('A'.repeat(17_000)))).toBe(413)
  })
})

describe('secrets compared in part (hydra#1438, dex#1861)', () => {
  it('compares all of a secret, however long', async () => {
    const chosen = `${'p'.repeat(80)}-tail-1`
    await register(server, 'chosen', { kind: 'imported_secret', secret: chosen })
    const { client } = server
    expect(await statusOf({ client_id: 'chosen', client_secret: chosen })).toBe(200)
    for (const wrong of [chosen.slice(0, -1), `${chosen}x`, `${'p'.repeat(80)}-tail-2`]) {
      expect(await statusOf({ client_id: 'chosen', client_secret: wrong })).toBe(401)
    }
    const generated = client.clientSecret
    for (const wrong of [generated.slice(0, -1), `${generated}x`, generated.toLowerCase()]) {
      expect(await statusOf({ client_id: client.clientId, client_secret: wrong })).toBe(401)
    }
  })
})

describe('mTLS: the wrong certificate of the chain, names in headers (CVE-2023-2422, CVE-2024-10039, CVE-2026-22747)', () => {
  let tls: TlsServer
  beforeAll(async () => {
    tls = await startTlsServer()
    await register(tls, 'authority', { kind: 'certificate', certificate: CA })
    const subject = { kind: 'certificate_subject', member: 'san_dns' } as const
    await register(tls, 'named', { ...subject, value: 'billing.clients.example' })
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
    const post = { form: { client_id: 'signer' }, headers: header }
    expect((await postToken(server.tokenEndpoint, post)).status).toBe(401)
    expect(server.events.at(-1)).toMatchObject({ reason: 'credentials_missing' })
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
      secrets.set(clientId, await register(tls, clientId, given))
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

describe('what strangers can tell (workers-oauth-provider#45)', () => {
  it('is the same for a client that exists and one that does not, by every method', async () => {
    const other = assertionKey()
    const forms = ['signer', 'billing', 'nobody'].flatMap((clientId) => [
      { client_id: clientId, client_secret: 'wrong' },
      { client_id: clientId },
      assertionForm(
        signJwt({ alg: 'ES256' }, goodClaims(clientId, server.issuer), other.privateKey),
      ),
      assertionForm(signJwt({ alg: 'HS256' }, goodClaims(clientId, server.issuer), 'wrong')),
      assertionForm(
        signJwt({ alg: 'RS256' }, goodClaims(clientId, server.issuer), other.privateKey),
      ),
    ])
    const seen = new Set<string>()
    for (const form of forms) {
      const { status, json, headers } = await present(server, form)
      const { correlation_id: _correlation, ...members } = json
      seen.add(JSON.stringify([status, members, headers.get('www-authenticate')]))
    }
    expect(seen.size).toBe(1)
  })
})
