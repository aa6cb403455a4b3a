import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createAdministration,
  generateMasterKey,
  type Administration,
  type NewCredential,
} from '@countersign/server'
import { handClock, memoryStore } from '@countersign/testkit'
import { assertionKey } from './assertion-kit.ts'
import { SELF_SIGNED } from './test-certificates.ts'

const MARKER = 'MARKER9c1e'
const key = assertionKey()
const rsa = assertionKey('PS256')
const privateJwk = { ...key.privateKey.export({ format: 'jwk' }) }
const privatePem = key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey

const clock = handClock()
const store = memoryStore()
const masterKeys = [generateMasterKey()]
let administration: Administration
beforeAll(async () => {
  administration = createAdministration({ store, masterKeys, now: clock.now })
  await administration.createClient({ clientId: 'billing' })
  await administration.createTrustedIssuer({ issuer: 'https://ci.example.test' })
})

const GOOD: readonly NewCredential[] = [
  { kind: 'secret' },
  { kind: 'secret', sealed: true },
  { kind: 'imported_secret', secret: 'eight letters' },
  { kind: 'public_key', publicKey: key.publicJwk },
  { kind: 'public_key', publicKey: key.publicPem, kid: 'one' },
  { kind: 'public_key', publicKey: rsa.publicPem },
  { kind: 'public_key', publicKey: rsa.publicPem, alg: 'RS256' },
  { kind: 'key_set', jwksUri: 'https://client.example.test/jwks' },
  { kind: 'certificate', certificate: SELF_SIGNED.cert },
  { kind: 'certificate_subject', member: 'san_ip', value: '2001:db8::1' },
  { kind: 'certificate_subject', member: 'san_dns', value: 'Billing' },
  { kind: 'certificate_subject', member: 'san_dns', value: `${'a'.repeat(63)}.xn--bcher-kva.4a` },
  { kind: 'certificate_subject', member: 'san_dns', value: `${'a.'.repeat(126)}a` },
  { kind: 'certificate_subject', member: 'san_uri', value: 'urn:billing' },
  { kind: 'federated', issuer: 'https://ci.example.test', subject: 'job' },
]

describe('credentials of every kind', () => {
  it.each(GOOD)('are the first of a client, or one more: %o', async (credential) => {
    const created = await administration.createClient({ credential })
    expect(created.credential?.kind).toBe(credential.kind)
    expect(created.secret === undefined).toBe(credential.kind !== 'secret')
    const expiresAt = clock.now() + 1000
    const label = 'the second'
    const added = await administration.addCredential('billing', { ...credential, label, expiresAt })
    expect(added).toMatchObject({
      client: { clientId: 'billing' },
      credential: { label, expiresAt },
    })
  })

  it('need not be there at all', async () => {
    const { client, credential, secret } = await administration.createClient({ credential: null })
    expect([credential, secret]).toEqual([undefined, undefined])
    const clients = await administration.listClients()
    expect(clients.find((one) => one.clientId === client.clientId)?.credentials).toEqual([])
  })

  it('take the algorithm of their key: PS256 for RSA, ES256 for P-256', async () => {
    const { records } = await store.registry.changesSince(0)
    const algorithms = records.flatMap((one) =>
      one.kind === 'credential' && one.record.kind === 'public_key' ? [one.record.alg] : [],
    )
    expect(new Set(algorithms)).toEqual(new Set(['ES256', 'PS256', 'RS256']))
  })

  it('are kept without a private half, and without what else stood in a JWK', async () => {
    const publicKey = { ...key.publicJwk, note: MARKER, use: 'sig' }
    await administration.addCredential('billing', { kind: 'public_key', publicKey })
    const everything = JSON.stringify(await store.registry.changesSince(0))
    expect(everything).not.toContain(MARKER)
  })

  it.each<[string, unknown]>([
    ['kind', { kind: 'password' }],
    ['kind', undefined],
    ['sealled', { kind: 'secret', sealled: true }],
    ['secret', { kind: 'imported_secret', secret: MARKER.slice(0, 7) }],
    ['secret', { kind: 'imported_secret', secret: MARKER.repeat(26) }],
    ['publicKey', { kind: 'public_key', publicKey: privateJwk }],
    ['publicKey', { kind: 'public_key', publicKey: privatePem }],
    ['publicKey', { kind: 'public_key', publicKey: { kty: 'oct', k: MARKER } }],
    ['publicKey', { kind: 'public_key', publicKey: MARKER }],
    ['publicKey', { kind: 'public_key', publicKey: { ...key.publicJwk, x: MARKER } }],
    ['publicKey', { kind: 'public_key', publicKey: { ...weak.export({ format: 'jwk' }) } }],
    ['publicKey', { kind: 'public_key' }],
    ['alg', { kind: 'public_key', publicKey: key.publicPem, alg: 'RS256' }],
    ['alg', { kind: 'public_key', publicKey: key.publicPem, alg: 'HS256' }],
    ['alg', { kind: 'public_key', publicKey: key.publicPem, alg: 'none' }],
    ['alg', { kind: 'public_key', publicKey: { ...key.publicJwk, alg: 'ES384' } }],
    ['jwksUri', { kind: 'key_set', jwksUri: 'http://client.example.test/jwks' }],
    ['jwksUri', { kind: 'key_set', jwksUri: `https://user:${MARKER}@client.example.test/` }],
    ['algorithms', { kind: 'key_set', jwksUri: 'https://a.example', algorithms: ['HS256'] }],
    ['certificate', { kind: 'certificate', certificate: MARKER }],
    ['member', { kind: 'certificate_subject', member: 'cn', value: 'billing' }],
    ['value', { kind: 'certificate_subject', member: 'san_ip', value: 'billing.example' }],
    ['value', { kind: 'certificate_subject', member: 'san_ip', value: ' 192.0.2.7' }],
    ...[
      `  ${MARKER}`,
      `${MARKER} `,
      `${MARKER}\n`,
      'billing example.com',
      '*.example.com',
      'billing.example.com.',
      '.example.com',
      'billing..example.com',
      '-a.example.com',
      'a-.example.com',
      'under_score.example.com',
      'bücher.example.com',
      '192.0.2.7',
      `${'a'.repeat(64)}.example.com`,
      `${'a.'.repeat(126)}aa`,
      'https://billing.example.com',
    ].map((value): [string, unknown] => [
      'value',
      { kind: 'certificate_subject', member: 'san_dns', value },
    ]),
    ...[` spiffe://example.org/${MARKER}`, 'spiffe://example.org/a b', 'billing', 'spiffe:'].map(
      (value): [string, unknown] => [
        'value',
        { kind: 'certificate_subject', member: 'san_uri', value },
      ],
    ),
    ...[` ops@example.org`, 'ops@example.org ', 'ops', 'a@b@c'].map((value): [string, unknown] => [
      'value',
      { kind: 'certificate_subject', member: 'san_email', value },
    ]),
    ['subject', { kind: 'federated', issuer: 'https://ci.example.test' }],
    ['subject', { kind: 'federated', issuer: 'https://ci.example.test', subject: ' job' }],
    [
      'audience',
      { kind: 'federated', issuer: 'https://ci.example.test', subject: 'job', audience: 'as ' },
    ],
    [
      'claims',
      { kind: 'federated', issuer: 'https://ci.example.test', subject: 'a', claims: { a: 'b ' } },
    ],
    ['label', { kind: 'secret', label: `${MARKER} ` }],
    [
      'claims',
      { kind: 'federated', issuer: 'https://ci.example.test', subject: 'a', claims: { a: 1 } },
    ],
    ['expiresAt', { kind: 'secret', expiresAt: 'tomorrow' }],
  ])('refuse a wrong %s, quoting nothing: %o', async (option, credential) => {
    const adding = administration.addCredential('billing', credential as never)
    const error: unknown = await adding.catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ name: 'ArgumentError', option })
    expect(inspect(error, { depth: 5 })).not.toMatch(new RegExp(`${MARKER}|${privateJwk['d']}`))
  })

  it('of an issuer that is not trusted are refused', async () => {
    const credential = {
      kind: 'federated',
      issuer: 'https://cj.example.test',
      subject: 'a',
    } as const
    const message = expect.stringContaining("did you mean 'https://ci.example.test'?")
    const unknown = expect.objectContaining({ code: 'issuer_unknown', message })
    await expect(administration.addCredential('billing', credential)).rejects.toEqual(unknown)
    await expect(administration.createClient({ credential })).rejects.toEqual(unknown)
  })
})

describe('rotateSecret', () => {
  it('ends secrets only, generated and imported ones', async () => {
    const clientId = 'rotating'
    await administration.createClient({ clientId })
    await administration.addCredential(clientId, { kind: 'imported_secret', secret: 'old and bad' })
    await administration.addCredential(clientId, { kind: 'public_key', publicKey: key.publicPem })
    await administration.rotateSecret(clientId, { overlap: 5000 })
    const clients = await administration.listClients()
    const one = clients.find((client) => client.clientId === clientId)
    const ends = one?.credentials.map(({ kind, expiresAt }) => [kind, expiresAt])
    expect(ends).toEqual([
      ['secret', clock.now() + 5000],
      ['imported_secret', clock.now() + 5000],
      ['public_key', null],
      ['secret', null],
    ])
  })
})

describe('the number of credentials', () => {
  const FULL = { code: 'too_many_credentials', message: expect.stringContaining('retire') }

  async function full(kind: 'secret' | 'federated' = 'secret'): Promise<readonly string[]> {
    const { client } = await administration.createClient({ credential: null })
    const { clientId } = client
    const ids: string[] = []
    const credential: NewCredential =
      kind === 'secret' ? { kind } : { kind, issuer: 'https://ci.example.test', subject: 'job' }
    for (let count = 0; count < 50; count++) {
      const added = await administration.addCredential(clientId, credential)
      ids.push(added.credential.credentialId)
    }
    return [clientId, ...ids]
  }

  it('has a bound: what is retired makes room, and what is disabled does not', async () => {
    const [clientId = '', first = '', second = ''] = await full('federated')
    const add = () => administration.addCredential(clientId, { kind: 'secret' })
    await expect(add()).rejects.toMatchObject(FULL)
    await expect(administration.rotateSecret(clientId)).rejects.toMatchObject(FULL)
    await administration.disableCredential(first)
    await expect(add()).rejects.toMatchObject(FULL)
    await administration.retireCredential(second, { at: clock.now() + 60_000 })
    await expect(add()).rejects.toMatchObject(FULL)
    clock.advance(60_000)
    await add()
    await expect(add()).rejects.toMatchObject(FULL)
    // One that has ended when it comes takes no room, and others have rooms of their own.
    await administration.addCredential(clientId, { kind: 'secret', expiresAt: clock.now() })
    await administration.addCredential('billing', { kind: 'secret' })
  })

  it('holds where several administrators add at the same instant', async () => {
    const [clientId = '', first = ''] = await full()
    const others = [1, 2, 3].map(() => createAdministration({ store, masterKeys, now: clock.now }))
    await administration.retireCredential(first)
    clock.advance(1)
    const added = await Promise.allSettled(
      others.map((one, index) =>
        index === 0
          ? one.rotateSecret(clientId, { overlap: 60_000 })
          : one.addCredential(clientId, { kind: 'secret' }),
      ),
    )
    expect(added.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(added).toContainEqual({ status: 'rejected', reason: expect.objectContaining(FULL) })
    const client = (await administration.listClients()).find((one) => one.clientId === clientId)
    const unretired = client?.credentials.filter(
      ({ expiresAt }) => clock.now() < (expiresAt ?? Infinity),
    )
    expect(unretired).toHaveLength(50)
  })

  it('lets one administrator add many at once, as long as there is room', async () => {
    const { client } = await administration.createClient()
    const add = () => administration.addCredential(client.clientId, { kind: 'secret' })
    const added = await Promise.all(Array.from({ length: 20 }, add))
    expect(new Set(added.map(({ credential }) => credential.credentialId)).size).toBe(20)
  })

  it('does not keep a secret that leaked from being replaced at once', async () => {
    const [clientId = ''] = await full()
    await expect(administration.rotateSecret(clientId)).rejects.toMatchObject(FULL)
    await administration.rotateSecret(clientId, { overlap: 0 })
    await administration.rotateSecret(clientId)
  })
})

describe('what is not there', () => {
  it('is said to be unknown', async () => {
    const { retireCredential, disableCredential, disableTrustedIssuer, addCredential } =
      administration
    await expect(retireCredential('none')).rejects.toMatchObject({ code: 'credential_unknown' })
    await expect(disableCredential('none')).rejects.toMatchObject({ code: 'credential_unknown' })
    await expect(disableTrustedIssuer('x')).rejects.toMatchObject({ code: 'issuer_unknown' })
    const adding = addCredential('nobody', { kind: 'secret' })
    await expect(adding).rejects.toMatchObject({ code: 'client_unknown' })
    const methods = administration.setAuthenticationMethods('billing', ['password'] as never)
    await expect(methods).rejects.toMatchObject({ option: 'methods' })
  })
})

describe('createTrustedIssuer', () => {
  it('registers each once, and lists them', async () => {
    const again = administration.createTrustedIssuer({ issuer: 'https://ci.example.test' })
    await expect(again).rejects.toMatchObject({ code: 'issuer_exists' })
    expect(await administration.listTrustedIssuers()).toMatchObject([
      { issuer: 'https://ci.example.test', maxLifetimeSeconds: 3600, singleUse: true },
    ])
  })

  it.each<[string, object]>([
    ['issuer', { issuer: 'ci' }],
    ['issuer', { issuer: 'http://ci.example.test' }],
    ['issuer', { issuer: 'spiffe://example.org/with/a/path' }],
    ['jwksUri', { issuer: 'spiffe://example.org' }],
    ['jwks', { issuer: 'https://a.test', jwks: { keys: [privateJwk] } }],
    ['jwks', { issuer: 'https://a.test', jwks: {}, jwksUri: 'https://a.test/keys' }],
    ['algorithms', { issuer: 'https://a.test', algorithms: ['none'] }],
    ['maxLifetimeSeconds', { issuer: 'https://a.test', maxLifetimeSeconds: 86_401 }],
    ['jwksURI', { issuer: 'https://a.test', jwksURI: 'https://a.test/keys' }],
  ])('refuses a wrong %s: %o', async (option, issuer) => {
    const creating = administration.createTrustedIssuer(issuer as never)
    await expect(creating).rejects.toMatchObject({ name: 'ArgumentError', option })
  })
})
