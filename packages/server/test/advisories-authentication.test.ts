import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizationServer, type ReplayStore } from '@countersign/server'
import {
  memoryStore,
  startAuthorizationServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { assertionForm, assertionKey, goodClaims, present, signJwt } from './assertion-kit.ts'
import { dpopProof, proofKey } from './dpop-proofs.ts'
import { postToken } from './post-token.ts'
import { registerClient } from './register-client.ts'
import { ORDERS } from './two-apis.ts'

/**
 * What went wrong in other servers, by class, as far as it is about who a client is. The numbers are those
 * of public advisories. `advisories-keys-of-others.test.ts` and `advisories-disabled.test.ts` go on.
 */
const RESOURCES = [{ resource: ORDERS, scopes: ['orders:read'] }]
const key = assertionKey()

let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({ resources: RESOURCES })
  await registerClient(server, 'signer', { kind: 'public_key', publicKey: key.publicPem })
})
afterAll(() => server.close())

function sign(claims: Record<string, unknown> = {}): string {
  const all = { ...goodClaims('signer', server.issuer), ...claims }
  return signJwt({ alg: 'ES256' }, all, key.privateKey)
}

const statusOf = async (form: Record<string, string>): Promise<number> =>
  (await present(server, form)).status

describe('assertion replay (CVE-2020-5300, CVE-2020-15222)', () => {
  it('is refused by the node that took it, at once, by another node, and after a restart', async () => {
    const store = memoryStore()
    const first = await startAuthorizationServer({ store, resources: RESOURCES })
    await registerClient(first, 'signer', { kind: 'public_key', publicKey: key.publicPem })
    const { issuer, tokenEndpoint, masterKeys } = first
    const form = assertionForm(
      signJwt({ alg: 'ES256' }, goodClaims('signer', issuer), key.privateKey),
    )
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...form })
    const nodes = [1, 2, 3].map(() => createAuthorizationServer({ issuer, store, masterKeys }))
    const everywhere = await Promise.all(
      [...nodes, ...nodes, ...nodes].map((node) =>
        node.fetch(new Request(tokenEndpoint, { method: 'POST', body })),
      ),
    )
    const statuses = everywhere.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(8)
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
    await registerClient(running, 'signer', { kind: 'public_key', publicKey: key.publicPem })
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
    const secret = await registerClient(server, 'mixed', { kind: 'secret' })
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
    await registerClient(server, 'later', { kind: 'public_key', publicKey: key.publicPem })
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
    await registerClient(server, 'bare', null)
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
    await registerClient(server, 'other', { kind: 'public_key', publicKey: other.publicPem })
    const asOther = { iss: 'other', sub: 'other' }
    expect(await statusOf(assertionForm(sign(asOther)))).toBe(401)
    expect(await statusOf(assertionForm(sign({ iss: 'other' })))).toBe(401)
    expect(await statusOf(assertionForm(sign({ sub: 'other' })))).toBe(401)
    expect(await statusOf(assertionForm(sign(), 'other'))).toBe(400)
  })
})

describe('secrets compared in part (hydra#1438, dex#1861)', () => {
  it('compares all of a secret, however long', async () => {
    const chosen = `${'p'.repeat(80)}-tail-1`
    await registerClient(server, 'chosen', { kind: 'imported_secret', secret: chosen })
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
