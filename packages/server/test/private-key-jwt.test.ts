import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REFUSAL_REASONS } from '@countersign/server'
import {
  handClock,
  memoryStore,
  startAuthorizationServer,
  startLoopbackServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { ASSERTION_REFUSALS, type RefusalKit } from './assertion-refusals.ts'
import {
  assertionForm,
  assertionKey,
  goodClaims,
  present,
  signJwt,
  type AssertionKey,
} from './assertion-kit.ts'
import { ORDERS } from './two-apis.ts'

const RESOURCES = [{ resource: ORDERS, scopes: ['orders:read'] }]

/** Registers a client with one credential and a grant. */
async function addClient(
  running: RunningAuthorizationServer,
  clientId: string,
  credential: Parameters<RunningAuthorizationServer['administration']['addCredential']>[1] | null,
): Promise<void> {
  const { administration, server } = running
  await administration.createClient({ clientId, credential })
  await administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
  await server.refresh()
}

let server: RunningAuthorizationServer
let kit: RefusalKit
const key = assertionKey()

beforeAll(async () => {
  server = await startAuthorizationServer({ resources: RESOURCES })
  const publicKey = { ...key.publicJwk, kid: 'key-1' }
  await addClient(server, 'signer', { kind: 'public_key', publicKey })
  await addClient(server, 'keyless', null)
  const disabledKey = assertionKey()
  const { credential } = await server.administration.addCredential('signer', {
    kind: 'public_key',
    publicKey: disabledKey.publicPem,
    kid: 'old',
  })
  await server.administration.disableCredential(credential.credentialId)
  await server.server.refresh()
  const { issuer, tokenEndpoint } = server
  const otherKey = assertionKey()
  kit = { issuer, tokenEndpoint, clientId: 'signer', key, otherKey, disabledKey }
})
afterAll(() => server.close())

function sign(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  { alg, privateKey }: AssertionKey = key,
): string {
  const all = { ...goodClaims('signer', server.issuer), ...claims }
  return signJwt({ alg, typ: 'client-authentication+jwt', ...header }, all, privateKey)
}

describe('private_key_jwt', () => {
  it.each([
    ['as the revision of RFC 7523 wants it', {}, {}],
    ['[std:119] with no typ', {}, { typ: undefined }],
    ['with typ JWT', {}, { typ: 'JWT' }],
    [
      '[std:104] with typ in full and in another case',
      {},
      { typ: 'application/Client-Authentication+JWT' },
    ],
    ['with the kid of its key', {}, { kid: 'key-1' }],
    ['with neither iat nor nbf', { iat: undefined }, {}],
    ['with claims that nobody asked for', { scope: 'all', client_id: 'keyless' }, {}],
    ['with times that have fractions', { exp: Date.now() / 1000 + 30.5 }, {}],
  ])('issues a token for an assertion %s', async (_how, claims, header) => {
    const { status, event } = await present(server, assertionForm(sign(claims, header)))
    expect(status).toBe(200)
    expect(event).toMatchObject({
      type: 'token.issued',
      clientId: 'signer',
      method: 'private_key_jwt',
    })
  })

  it.each(
    ASSERTION_REFUSALS.map(([what, reason, make, detail]) => ({ what, reason, make, detail })),
  )('refuses $what: $reason', async ({ reason, make, detail }) => {
    const { status, json, event } = await present(server, make(kit))
    const expected = REFUSAL_REASONS[reason]
    expect(event).toMatchObject({ type: 'token.refused', reason })
    if (detail !== undefined) {
      const off = detail.clockOffSeconds
      expect(event).toMatchObject({
        detail: off === undefined ? detail : { clockOffSeconds: expect.closeTo(off, -0.5) },
      })
    }
    // [std:121]
    expect(status).toBe(expected.status)
    expect(json).toEqual({
      error: expected.error,
      error_description: expected.description,
      correlation_id: expect.any(String),
    })
  })

  it.each(['ES256', 'PS256', 'RS256', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65'])(
    'takes a key for %s',
    async (alg) => {
      const own = assertionKey(alg)
      const clientId = `signer-${alg}`
      await addClient(server, clientId, { kind: 'public_key', publicKey: own.publicPem, alg })
      const claims = goodClaims(clientId, server.issuer)
      const good = await present(server, assertionForm(signJwt({ alg }, claims, own.privateKey)))
      expect([good.status, good.event]).toMatchObject([200, { clientId }])
      // [std:107] two names of one algorithm
      if (alg !== 'Ed25519') return
      const old = signJwt({ alg: 'EdDSA' }, goodClaims(clientId, server.issuer), own.privateKey)
      expect((await present(server, assertionForm(old))).status).toBe(200)
    },
  )

  it('allows clocks to differ by a minute either way, and no more', async () => {
    const clock = handClock()
    await using running = await startAuthorizationServer({ resources: RESOURCES, now: clock.now })
    await addClient(running, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    const at = async (offset: number): Promise<unknown> => {
      const claims = goodClaims('signer', running.issuer, clock.now() + offset)
      const { event } = await present(
        running,
        assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey)),
      )
      return event?.type === 'token.refused' ? [event.reason, event.detail] : event?.type
    }
    expect(await at(60_000)).toBe('token.issued')
    expect(await at(61_000)).toEqual(['assertion_not_yet_valid', { clockOffSeconds: 61 }])
    // Good for a minute, and a minute of tolerance.
    expect(await at(-119_000)).toBe('token.issued')
    expect(await at(-120_000)).toEqual(['assertion_expired', { clockOffSeconds: -120 }])
  })

  it('takes the token endpoint as audience where it is told to, but no third party beside it', async () => {
    await using running = await startAuthorizationServer({
      resources: RESOURCES,
      serverOptions: { assertionAudience: 'issuer-or-token-endpoint' },
    })
    await addClient(running, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    const { issuer, tokenEndpoint } = running
    const statusOf = async (aud: unknown): Promise<number> => {
      const claims = { ...goodClaims('signer', issuer), aud }
      const jwt = signJwt({ alg: 'ES256' }, claims, key.privateKey)
      return (await present(running, assertionForm(jwt))).status
    }
    for (const aud of [issuer, tokenEndpoint, [issuer], [issuer, tokenEndpoint]]) {
      expect(await statusOf(aud)).toBe(200)
    }
    for (const aud of [[], [issuer, 'https://other.test'], `${tokenEndpoint}/`, [[issuer]], null]) {
      expect(await statusOf(aud)).toBe(401)
    }
  })
})

describe('an assertion that was used', () => {
  it('is refused the second time, also by another node', async () => {
    const store = memoryStore()
    await using first = await startAuthorizationServer({ store, resources: RESOURCES })
    await addClient(first, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    const { masterKeys } = first
    const form = assertionForm(
      signJwt({ alg: 'ES256' }, goodClaims('signer', first.issuer), key.privateKey),
    )
    expect((await present(first, form)).status).toBe(200)
    const again = await present(first, form)
    expect([again.status, again.event]).toMatchObject([401, { reason: 'assertion_replayed' }])
    const { createAuthorizationServer } = await import('@countersign/server')
    await using second = createAuthorizationServer({ issuer: first.issuer, store, masterKeys })
    const elsewhere = await second.fetch(
      new Request(first.tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams({ ...form, grant_type: 'client_credentials' }),
      }),
    )
    expect(elsewhere.status).toBe(401)
  })

  it('gets one token of twenty at once', async () => {
    const form = assertionForm(sign())
    const answers = await Promise.all(Array.from({ length: 20 }, () => present(server, form)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  it('is good for another try where the request was refused for something else', async () => {
    const form = assertionForm(sign())
    expect((await present(server, { ...form, scope: 'no:such' })).status).toBe(400)
    expect((await present(server, form)).status).toBe(200)
    expect((await present(server, form)).status).toBe(401)
  })

  it('is remembered for its client only', async () => {
    const own = assertionKey()
    await addClient(server, 'namesake', { kind: 'public_key', publicKey: own.publicPem })
    const jti = 'the same'
    const claims = { ...goodClaims('namesake', server.issuer), jti }
    expect((await present(server, assertionForm(sign({ jti })))).status).toBe(200)
    const other = assertionForm(signJwt({ alg: 'ES256' }, claims, own.privateKey))
    expect((await present(server, other)).status).toBe(200)
  })

  it('gets 503 where nobody can say whether it was', async () => {
    const store = memoryStore()
    let down = false
    const reserve: typeof store.replay.reserve = (...use) =>
      down ? Promise.reject(new Error('no connection')) : store.replay.reserve(...use)
    const broken = { ...store, replay: { ...store.replay, reserve } }
    await using running = await startAuthorizationServer({ store: broken, resources: RESOURCES })
    await addClient(running, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    const claims = goodClaims('signer', running.issuer)
    const form = assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey))
    down = true
    const { status, json, event } = await present(running, form)
    expect([status, json]).toMatchObject([503, { error: 'temporarily_unavailable' }])
    expect(event).toMatchObject({ type: 'request.failed', error: { code: 'ERR_STORE' } })
  })
})

describe('a key set that the client publishes', () => {
  it('is fetched once, followed through a rotation, and not trusted for other algorithms', async () => {
    const keys = [assertionKey(), assertionKey()]
    let published = [{ ...keys[0]?.publicJwk, kid: 'a', use: 'sig' }]
    await using site = await startLoopbackServer(() => Response.json({ keys: published }))
    const jwksUri = `${site.origin}/jwks`
    await addClient(server, 'publisher', { kind: 'key_set', jwksUri, algorithms: ['ES256'] })
    const statusOf = async (kid: string, one: AssertionKey | undefined): Promise<number> => {
      const claims = goodClaims('publisher', server.issuer)
      const jwt = signJwt({ alg: one?.alg, kid }, claims, one?.privateKey)
      return (await present(server, assertionForm(jwt))).status
    }
    expect(await statusOf('a', keys[0])).toBe(200)
    expect(await statusOf('a', keys[0])).toBe(200)
    expect(site.requests).toHaveLength(1)
    published = [{ ...keys[1]?.publicJwk, kid: 'b', use: 'sig' }]
    expect(await statusOf('b', keys[1])).toBe(200)
    expect(await statusOf('a', keys[0])).toBe(401)
    expect(await statusOf('b', assertionKey('RS256'))).toBe(401)
    expect(server.events.at(-1)).toMatchObject({ reason: 'assertion_algorithm_wrong' })
  })

  it('[std:107] is taken by either name of Ed25519, whichever is registered', async () => {
    const own = assertionKey('Ed25519')
    await using site = await startLoopbackServer(() => Response.json({ keys: [own.publicJwk] }))
    const jwksUri = `${site.origin}/jwks`
    await addClient(server, 'edwards', { kind: 'key_set', jwksUri, algorithms: ['Ed25519'] })
    for (const alg of ['Ed25519', 'EdDSA']) {
      const jwt = signJwt({ alg }, goodClaims('edwards', server.issuer), own.privateKey)
      expect([alg, (await present(server, assertionForm(jwt))).status]).toEqual([alg, 200])
    }
  })

  it('that cannot be fetched is nobody’s fault: 503', async () => {
    await using site = await startLoopbackServer(() => new Response('gone', { status: 500 }))
    const jwksUri = `${site.origin}/jwks`
    await addClient(server, 'unreachable', { kind: 'key_set', jwksUri })
    const claims = goodClaims('unreachable', server.issuer)
    const form = assertionForm(signJwt({ alg: 'ES256', kid: 'a' }, claims, key.privateKey))
    const { status, event } = await present(server, form)
    expect([status, event]).toMatchObject([503, { error: { code: 'ERR_KEYS' } }])
  })

  it('is not fetched once it is retired', async () => {
    await using site = await startLoopbackServer(() => Response.json({ keys: [key.publicJwk] }))
    const jwksUri = `${site.origin}/jwks`
    await addClient(server, 'retired', { kind: 'key_set', jwksUri })
    const clients = await server.administration.listClients()
    const one = clients.find(({ clientId }) => clientId === 'retired')
    await server.administration.retireCredential(one?.credentials[0]?.credentialId ?? '')
    await server.server.refresh()
    const claims = goodClaims('retired', server.issuer)
    const form = assertionForm(signJwt({ alg: 'ES256' }, claims, key.privateKey))
    expect((await present(server, form)).status).toBe(401)
    expect(site.requests).toEqual([])
  })
})
