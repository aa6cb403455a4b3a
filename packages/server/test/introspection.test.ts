import { createHash, generateKeyPairSync } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RegistryChange } from '@countersign/server'
import { handClock } from '@countersign/testkit'
import { postForm } from './post-form.ts'
import { generateOpaqueToken } from '../src/lib/tokens/opaque-token.ts'
import { startThreeParties, type ThreeParties } from './three-parties.ts'
import { INVOICES, ORDERS } from './two-apis.ts'

const SIGNED = 'application/token-introspection+jwt'
const INACTIVE = { active: false }

let parties: ThreeParties
beforeAll(async () => {
  parties = await startThreeParties()
})
afterAll(() => parties.close())

/** The result that the last introspection had, as the operator sees it. */
function lastResult({ running }: ThreeParties): string {
  const event = running.events.findLast(({ type }) => type === 'token.introspected')
  return event?.type === 'token.introspected' ? event.result : 'none'
}

describe('the introspection endpoint', () => {
  it('[std:67] tells an API what a token for it says', async () => {
    const token = await parties.token(parties.billing)
    const { status, headers, json } = await parties.introspect(token)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json'])
    expect(headers.get('cache-control')).toBe('no-store')
    const { exp, iat, jti } = decodeJwt(token)
    expect(json).toMatchObject({
      active: true,
      iss: parties.running.issuer,
      sub: 'billing',
      client_id: 'billing',
      aud: ORDERS,
      scope: 'orders:read orders:write',
      token_type: 'Bearer',
      exp,
      iat,
      jti,
    })
  })

  it('[std:68] [std:69] says active: false and nothing else to a client that the token is not for', async () => {
    const token = await parties.token(parties.billing)
    for (const caller of [parties.invoicesApi, parties.billing, parties.shipping]) {
      const { status, json } = await parties.introspect(token, caller)
      expect([status, json]).toEqual([200, INACTIVE])
      expect(lastResult(parties)).toBe('not_for_caller')
    }
    const other = await parties.token(parties.billing, INVOICES)
    expect((await parties.introspect(other)).json).toEqual(INACTIVE)
    expect((await parties.introspect(other, parties.invoicesApi)).json['active']).toBe(true)
  })

  it('[std:70] wants an authenticated client, a POST and a token', async () => {
    const url = `${parties.running.issuer}/introspect`
    const token = await parties.token(parties.billing)
    const stranger = await postForm(url, { form: { token } })
    expect([stranger.status, stranger.json['error']]).toEqual([401, 'invalid_client'])
    expect(stranger.headers.get('www-authenticate')).toMatch(/^Basic /)
    const wrong = { ...parties.ordersApi, clientSecret: 'wrong' }
    expect((await parties.introspect(token, wrong)).status).toBe(401)
    expect(parties.running.events.at(-1)).toMatchObject({
      type: 'introspection.refused',
      clientId: 'orders-api',
    })
    const none = await postForm(url, { basic: parties.ordersApi })
    expect([none.status, none.json['error']]).toEqual([400, 'invalid_request'])
    const get = await fetch(`${url}?token=${token}`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    const twice = [
      ['token', token],
      ['token', token],
    ] as const
    expect((await postForm(url, { basic: parties.ordersApi, form: twice })).status).toBe(400)
  })

  it('believes nothing in a token before its signature', async () => {
    const token = await parties.token(parties.billing)
    const [header = '', payload = '', signature = ''] = token.split('.')
    const claims = decodeJwt(token)
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url')
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const signed = (members: object): Promise<string> =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, ...members })
        .sign(privateKey)
    const rows: readonly (readonly [string, string, string])[] = [
      [
        'another payload',
        `${header}.${encode({ ...claims, scope: 'all' })}.${signature}`,
        'bad_signature',
      ],
      ['another key under our kid', await signed({}), 'bad_signature'],
      ['a kid that is not ours', await signed({ kid: 'other' }), 'unknown_key'],
      [
        'no kid',
        `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${payload}.${signature}`,
        'unknown_key',
      ],
      ['no signature', `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.`, 'malformed'],
      ['alg none', `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${payload}.AA`, 'unknown_key'],
      [
        'another alg',
        `${encode({ alg: 'HS256', typ: 'at+jwt', kid })}.${payload}.${signature}`,
        'unknown_key',
      ],
      ['another typ', await signed({ typ: 'JWT' }), 'wrong_type'],
      ['a truncated token', token.slice(0, -1), 'malformed'],
      ['a token cut by two letters', token.slice(0, -2), 'bad_signature'],
      ['a token cut in its payload', token.slice(0, -100), 'malformed'],
      ['the first half only', `${header}.${payload}`, 'malformed'],
      ['a token with more behind it', `${token}.x`, 'malformed'],
      ['a blank behind it', `${token} `, 'malformed'],
      ['no token at all', 'x', 'malformed'],
      ['a long one', 'x'.repeat(16_000), 'malformed'],
      ['an opaque token that nobody was given', generateOpaqueToken(), 'unknown_token'],
      ['ten thousand dots', '.'.repeat(10_000), 'malformed'],
      [
        'a nest of brackets',
        `${header}.${Buffer.from('['.repeat(9000)).toString('base64url')}.AA`,
        'malformed',
      ],
    ]
    for (const [what, forged, result] of rows) {
      const { status, json } = await parties.introspect(forged)
      expect([what, status, json]).toEqual([what, 200, INACTIVE])
      expect([what, lastResult(parties)]).toEqual([what, result])
    }
    expect((await parties.introspect(token)).json['active']).toBe(true)
  })

  it('takes no answer of its own for an access token', async () => {
    const token = await parties.token(parties.billing)
    const { text } = await parties.introspect(token, parties.ordersApi, { accept: SIGNED })
    expect((await parties.introspect(text)).json).toEqual(INACTIVE)
    expect(lastResult(parties)).toBe('wrong_type')
  })

  it('finds an opaque token by its digest', async () => {
    const { running } = parties
    const token = generateOpaqueToken()
    const digest = createHash('sha256').update(token).digest('base64url')
    const seconds = Math.floor(Date.now() / 1000)
    const claims = {
      iss: running.issuer,
      sub: 'billing',
      client_id: 'billing',
      aud: ORDERS,
      scope: 'orders:read',
      iat: seconds,
      exp: seconds + 60,
      jti: 'opaque-1',
      cnf: { jkt: 'key' },
      authorization_details: [{ type: 'order' }],
      active: 'forged',
    }
    await running.store.opaqueTokens.put({ digest, claims, expiresAt: (seconds + 60) * 1000 })
    const { json } = await parties.introspect(token)
    expect(json).toEqual({ ...claims, token_type: 'DPoP', active: true })
    expect((await parties.introspect(`${token}x`)).json).toEqual(INACTIVE)
    expect((await parties.revoke(token)).status).toBe(200)
    expect((await parties.introspect(token)).json).toEqual(INACTIVE)
  })

  it('says 503 and not inactive where the store of opaque tokens fails', async () => {
    const store = parties.running.store
    const original = store.opaqueTokens.get
    try {
      store.opaqueTokens.get = async () => {
        throw new Error('the disk is on fire')
      }
      const { status, json } = await parties.introspect(generateOpaqueToken())
      expect([status, json['error']]).toEqual([503, 'temporarily_unavailable'])
      expect(json).not.toHaveProperty('active')
    } finally {
      store.opaqueTokens.get = original
    }
  })

  it('knows tokens of its own issuer only, even those another issuer signed with the same keys', async () => {
    const { store, masterKeys } = parties.running
    await using other = await startThreeParties({ store, masterKeys, path: '/other' })
    const token = await other.token(parties.billing)
    const { json } = await parties.introspect(token)
    expect([json, lastResult(parties)]).toEqual([INACTIVE, 'wrong_issuer'])
  })

  it('lets a token end with its time', async () => {
    const clock = handClock(1_800_000_000_000)
    await using turned = await startThreeParties({ now: clock.now })
    const token = await turned.token(turned.billing)
    clock.advance(3_599_000)
    expect((await turned.introspect(token)).json['active']).toBe(true)
    clock.advance(1000)
    expect((await turned.introspect(token)).json).toEqual(INACTIVE)
    expect(lastResult(turned)).toBe('expired')
  })
})

describe('the introspection endpoint obeys at once', () => {
  const KILLS: readonly (readonly [string, string, (parties: ThreeParties) => Promise<unknown>])[] =
    [
      [
        'a disabled client',
        'client_disabled',
        ({ running }) => running.administration.disableClient('billing'),
      ],
      ['a disabled resource', 'resource_disabled', (one) => disable(one, 'resource', ORDERS)],
      ['a withdrawn key', 'unknown_key', withdrawKey],
      [
        'a client whose tokens are revoked',
        'revoked',
        ({ running }) => running.administration.revokeClientTokens('billing'),
      ],
      [
        'a resource whose tokens are revoked',
        'revoked',
        ({ running }) => running.administration.revokeResourceTokens(ORDERS),
      ],
      [
        'a credential whose tokens are revoked',
        'revoked',
        async ({ running: { administration } }) => {
          const clients = await administration.listClients()
          const billing = clients.find(({ clientId }) => clientId === 'billing')
          await administration.revokeCredentialTokens(billing?.credentials[0]?.credentialId ?? '')
        },
      ],
      [
        'a key whose tokens are revoked',
        'revoked',
        async ({ running: { administration } }) => {
          const [key] = await administration.listSigningKeys()
          await administration.revokeKeyTokens(key?.kid ?? '')
        },
      ],
    ]

  it.each(KILLS)('%s', async (_what, result, kill) => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    expect((await all.introspect(token)).json['active']).toBe(true)
    await kill(all)
    await all.running.server.refresh()
    const { status, json } = await all.introspect(token)
    expect([status, json]).toEqual([200, INACTIVE])
    expect(lastResult(all)).toBe(result)
  })

  it('a disabled API: it is not answered any more', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    await all.running.administration.disableClient('orders-api')
    await all.running.server.refresh()
    expect((await all.introspect(token)).status).toBe(401)
  })

  it('a revocation by jti, and nothing but the token of that jti', async () => {
    await using all = await startThreeParties()
    const [one, two] = [await all.token(all.billing), await all.token(all.billing)]
    await all.running.administration.revokeToken(String(decodeJwt(one).jti))
    await all.running.server.refresh()
    expect((await all.introspect(one)).json).toEqual(INACTIVE)
    expect((await all.introspect(two)).json['active']).toBe(true)
  })

  it('a mark for what was issued up to an instant, and not for what came later', async () => {
    const clock = handClock(1_800_000_000_500)
    await using all = await startThreeParties({ now: clock.now })
    const before = await all.token(all.billing)
    await all.running.administration.revokeClientTokens('billing')
    await all.running.server.refresh()
    // In the same second: which came first cannot be told, so it ends too.
    const same = await all.token(all.billing)
    clock.advance(500)
    const after = await all.token(all.billing)
    expect((await all.introspect(before)).json).toEqual(INACTIVE)
    expect((await all.introspect(same)).json).toEqual(INACTIVE)
    expect((await all.introspect(after)).json['active']).toBe(true)
    const shipping = await all.token(all.shipping)
    expect((await all.introspect(shipping)).json['active']).toBe(true)
  })
})

describe('the introspection endpoint, asked for a signed answer', () => {
  it('[std:76] [std:77] [std:78] signs it for the caller, as RFC 9701 has it', async () => {
    const token = await parties.token(parties.billing)
    const { status, headers, text } = await parties.introspect(token, parties.ordersApi, {
      accept: `application/json;q=0.5, ${SIGNED}`,
    })
    expect([status, headers.get('content-type')]).toEqual([200, SIGNED])
    const keys = createRemoteJWKSet(new URL(`${parties.running.issuer}/jwks`))
    const { payload } = await jwtVerify(text, keys, {
      typ: 'token-introspection+jwt',
      issuer: parties.running.issuer,
      audience: 'orders-api',
      algorithms: ['ES256'],
    })
    expect(Object.keys(payload).toSorted()).toEqual(['aud', 'iat', 'iss', 'token_introspection'])
    expect(payload['token_introspection']).toMatchObject({ active: true, client_id: 'billing' })
  })

  it('[std:79] says active: false inside to a caller the token is not for', async () => {
    const token = await parties.token(parties.billing)
    const { text } = await parties.introspect(token, parties.invoicesApi, { accept: SIGNED })
    const { aud, token_introspection: inside } = decodeJwt(text)
    expect([aud, inside]).toEqual(['invoices-api', INACTIVE])
  })

  it.each(['*/*', 'application/*', 'application/json', `${SIGNED};q=0`, `${SIGNED}x`])(
    'answers in plain JSON where Accept is %s',
    async (accept) => {
      const token = await parties.token(parties.billing)
      const { headers } = await parties.introspect(token, parties.ordersApi, { accept })
      expect(headers.get('content-type')).toBe('application/json')
    },
  )
})

async function disable(
  { running: { store } }: ThreeParties,
  kind: 'resource' | 'credential',
  key: string,
): Promise<void> {
  const { records } = await store.registry.changesSince(0)
  const changes = records.flatMap((one): RegistryChange[] => {
    if (one.kind === 'resource' && kind === 'resource' && one.record.resource === key) {
      return [{ kind, record: { ...one.record, state: 'disabled' }, require: 'present' }]
    }
    return []
  })
  await store.registry.apply(changes)
}

async function withdrawKey({ running: { store } }: ThreeParties): Promise<void> {
  const { records } = await store.registry.changesSince(0)
  const changes = records.flatMap((one): RegistryChange[] =>
    one.kind === 'signing_key'
      ? [{ ...one, record: { ...one.record, withdrawAt: 0 }, require: 'present' }]
      : [],
  )
  await store.registry.apply(changes)
}
