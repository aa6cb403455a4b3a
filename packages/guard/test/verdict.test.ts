import { inspect } from 'node:util'
import {
  createGuard,
  declareRule,
  DENIAL_REASONS,
  type GuardEvent,
  type Rule,
} from '@countersign/guard'
import type { MintAlgorithm } from '@countersign/testkit/contracts'
import fc from 'fast-check'
import { SignJWT, generateKeyPair, exportJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { directAttacks } from './hostile-requests.ts'
import { AUDIENCE, bearer, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const READ: Rule = { scope: { all: ['orders:read'] } }
const ALGORITHMS: readonly MintAlgorithm[] = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']

function seconds(issuer: ScriptedIssuer, ahead = 0): number {
  return issuer.clock.now() / 1000 + ahead
}

describe('the verdict of a guard', () => {
  it.each(ALGORITHMS)(
    'allows a good token signed with %s [std:52] [std:189]',
    async (algorithm) => {
      await using issuer = await startScriptedIssuer()
      const mint = issuer.newMint('k', algorithm)
      issuer.publish(mint)
      const claims = { jti: 'token-9', aud: ['https://other.example', AUDIENCE], extra: { a: 1 } }
      const verdict = await issuer.guard(bearer(mint.token({ claims })), READ)
      expect(verdict).toEqual({
        allowed: true,
        principal: { kind: 'client', clientId: 'billing', scopes: new Set(['orders:read']) },
        token: {
          issuer: issuer.origin,
          audience: ['https://other.example', AUDIENCE],
          id: 'token-9',
          issuedAt: issuer.clock.now(),
          expiresAt: issuer.clock.now() + 600_000,
          claims: expect.objectContaining({ sub: 'billing', extra: { a: 1 } }),
        },
      })
    },
  )

  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
    'takes typ %s [std:104] [std:188]',
    async (typ) => {
      await using issuer = await startScriptedIssuer()
      expect(await issuer.ask(issuer.mint.token({ header: { typ } }))).toBe('allowed')
    },
  )

  it('allows a token without kid by the keys that fit', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.publish(issuer.newMint('a'), issuer.newMint('b'), issuer.newMint('c'), issuer.mint)
    expect(await issuer.ask(issuer.mint.token({ header: { kid: undefined } }))).toBe('allowed')
  })

  it('tries four keys on a token without kid and no fifth', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.publish(...['a', 'b', 'c', 'd'].map((kid) => issuer.newMint(kid)), issuer.mint)
    const token = issuer.mint.token({ header: { kid: undefined } })
    expect(await issuer.ask(token)).toBe('401 bad_signature')
  })

  it('allows a token made by another library', async () => {
    await using issuer = await startScriptedIssuer()
    const { publicKey, privateKey } = await generateKeyPair('PS256')
    issuer.publish({ jwk: { ...(await exportJWK(publicKey)), kid: 'jose' } })
    const token = await new SignJWT({ ...issuer.mint.claims() })
      .setProtectedHeader({ alg: 'PS256', kid: 'jose', typ: 'at+jwt' })
      .sign(privateKey)
    expect(await issuer.ask(token)).toBe('allowed')
  })

  it('refuses a token over 16 KiB before it is decoded [field:14]', async () => {
    await using issuer = await startScriptedIssuer()
    const token = issuer.mint.token({ claims: { pad: 'x'.repeat(13_000) } })
    expect(await issuer.ask(token)).toBe('401 malformed_token')
    expect(issuer.keyRequests()).toHaveLength(0)
  })

  it('refuses an algorithm that the policy leaves out, though the key is there [std:96] [field:6]', async () => {
    await using issuer = await startScriptedIssuer({ algorithms: ['RS256'] })
    expect(await issuer.ask(issuer.mint.token())).toBe('401 algorithm_not_allowed')
  })

  it('judges times at their very edges, with the tolerance [std:91] [field:29]', async () => {
    await using issuer = await startScriptedIssuer({ clockTolerance: 5000 })
    const ask = (claims: Record<string, number>): Promise<string> =>
      issuer.ask(issuer.mint.token({ claims }))
    expect(await ask({ exp: seconds(issuer, -4.999) })).toBe('allowed')
    expect(await ask({ exp: seconds(issuer, -5) })).toBe('401 expired')
    expect(await ask({ nbf: seconds(issuer, 5) })).toBe('allowed')
    expect(await ask({ nbf: seconds(issuer, 5.001) })).toBe('401 not_yet_valid')
    expect(await ask({ iat: seconds(issuer, 60) })).toBe('allowed')
    expect(await ask({ iat: seconds(issuer, 60.001) })).toBe('401 issued_in_future')
    expect(await ask({ exp: 253_402_300_799 })).toBe('allowed')
    expect(await ask({ exp: 253_402_300_800 })).toBe('401 malformed_claims')
  })

  it('refuses at exp to the instant where no tolerance is given', async () => {
    await using issuer = await startScriptedIssuer({ clockTolerance: 0 })
    const token = issuer.mint.token()
    issuer.clock.advance(599_999)
    expect(await issuer.ask(token)).toBe('allowed')
    issuer.clock.advance(1)
    expect(await issuer.ask(token)).toBe('401 expired')
  })

  it('takes any of several audiences of this API [std:92]', async () => {
    await using issuer = await startScriptedIssuer({ audience: ['urn:a', 'urn:b'] })
    expect(await issuer.ask(issuer.mint.token({ claims: { aud: 'urn:b' } }))).toBe('allowed')
    expect(await issuer.ask(issuer.mint.token({ claims: { aud: ['urn:c', 'urn:a'] } }))).toBe(
      'allowed',
    )
    expect(await issuer.ask(issuer.mint.token({ claims: { aud: 'urn:c' } }))).toBe(
      '401 wrong_audience',
    )
  })

  it('applies all and any as they say [field:31]', async () => {
    await using issuer = await startScriptedIssuer()
    const ask = async (rule: Rule, scope: string): Promise<boolean> =>
      (await issuer.guard(bearer(issuer.mint.token({ claims: { scope } })), rule)).allowed
    const all: Rule = { scope: { all: ['a', 'b'] } }
    const any: Rule = { scope: { any: ['a', 'b'] } }
    expect(await ask(all, 'b  c a')).toBe(true)
    expect(await ask(all, 'a c')).toBe(false)
    expect(await ask(any, 'c b')).toBe(true)
    expect(await ask(any, 'c')).toBe(false)
    expect(await ask(declareRule(any), 'b')).toBe(true)
    expect(await ask({}, '')).toBe(true)
  })

  it('tells clients from users [std:102] [field:33]', async () => {
    await using issuer = await startScriptedIssuer()
    const token = issuer.mint.token({ claims: { sub: 'user-1' } })
    expect(await issuer.ask(token)).toBe('403 principal_kind')
    const verdict = await issuer.guard(bearer(token), { principal: 'any' })
    expect(verdict).toMatchObject({
      principal: { kind: 'user', subject: 'user-1', clientId: 'billing' },
    })
  })

  it('rejects with ArgumentError for a wrong rule, before anything else', async () => {
    await using issuer = await startScriptedIssuer()
    const wrong = { scope: { all: [] } }
    await expect(issuer.guard(bearer('x'), wrong)).rejects.toMatchObject({ option: 'scope.all' })
    expect(issuer.keyRequests()).toHaveLength(0)
  })

  it('never rejects and never answers 5xx, whatever the header holds [std:84] [std:85] [field:43]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const good = issuer.mint.token()
    const mutated = fc
      .tuple(fc.nat(good.length), fc.nat(8), fc.string({ unit: 'binary-ascii', maxLength: 8 }))
      .map(([at, cut, inserted]) => good.slice(0, at) + inserted + good.slice(at + cut))
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, fc.string({ maxLength: 200 })), async (text) => {
        const headers = { get: () => `Bearer ${text}` }
        const verdict = await issuer.guard({ method: 'GET', url: '/', headers })
        if (text.trim() === good) return
        expect(verdict).toMatchObject({ allowed: false })
        expect([400, 401]).toContain(verdict.allowed ? 200 : verdict.status)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('what a guard tells its owner', () => {
  it('reports denials by reason, with the client once it is known [field:37, 47]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard(new Request('https://api.example/?access_token=x'))
    await issuer.ask(issuer.mint.token({ claims: { exp: 1 } }))
    await issuer.ask(issuer.newMint('first').token())
    expect(issuer.events.filter(({ type }) => type !== 'loaded')).toEqual([
      { type: 'query_token' },
      {
        type: 'denied',
        reason: 'no_credentials',
        status: 401,
        issuer: undefined,
        clientId: undefined,
      },
      {
        type: 'denied',
        reason: 'expired',
        status: 401,
        issuer: issuer.origin,
        clientId: 'billing',
      },
      {
        type: 'denied',
        reason: 'bad_signature',
        status: 401,
        issuer: issuer.origin,
        clientId: undefined,
      },
    ])
  })

  it('lets no observer that throws or rejects change a verdict', async () => {
    for (const onEvent of [
      (): void => {
        throw new Error('broken')
      },
      async (): Promise<void> => {
        throw new Error('broken')
      },
    ]) {
      await using issuer = await startScriptedIssuer({ onEvent })
      expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
      expect(await issuer.ask('x')).toBe('401 malformed_token')
    }
  })

  it('holds no part of a token in any verdict, event or error [field:47]', async () => {
    await using issuer = await startScriptedIssuer()
    const seen: unknown[] = []
    const tokens: string[] = []
    for (const { request } of directAttacks(issuer.mint)) {
      const value = request.headers.get('authorization') ?? ''
      tokens.push(...value.split(/[\s.,"]+/).filter((part) => part.length > 40))
      seen.push(await issuer.guard(request, READ))
    }
    const good = issuer.mint.token()
    tokens.push(...good.split('.'))
    seen.push(await issuer.guard(bearer(good)))
    issuer.respond(() => new Response(good, { status: 500 }))
    seen.push(await issuer.guard(bearer(issuer.newMint(good.slice(0, 200)).token())))
    seen.push(await issuer.guard(bearer(good), { scope: { all: [`${good} `] } }).catch((e) => e))
    seen.push(issuer.events, issuer.guard)
    const text = seen
      .map((value) => [inspect(value, { depth: 20 }), JSON.stringify(value), stackOf(value)])
      .flat()
      .join('\n')
    expect(tokens.length).toBeGreaterThan(200)
    expect(tokens.filter((part) => text.includes(part))).toEqual([])
  })
})

describe('createGuard', () => {
  it('does no I/O until it is asked', async () => {
    const asked: unknown[] = []
    createGuard({
      issuer: 'https://as.example',
      audience: AUDIENCE,
      fetch: async (input) => {
        asked.push(input)
        return new Response()
      },
    })
    expect(asked).toEqual([])
  })

  it('gives every reason about tokens to somebody', async () => {
    const events: GuardEvent[] = []
    await using issuer = await startScriptedIssuer({ onEvent: (event) => events.push(event) })
    issuer.respond(() => new Response(null, { status: 500 }))
    await issuer.ask(issuer.mint.token())
    issuer.respond(undefined)
    issuer.clock.advance(2000)
    for (const { request } of directAttacks(issuer.mint)) await issuer.guard(request, READ)
    const given = new Set(
      events.flatMap((event) => (event.type === 'denied' ? [event.reason] : [])),
    )
    // Those about bindings, introspection, revocation and several issuers have tests of their own.
    const elsewhere =
      /^(?:dpop|certificate|introspection|revocation|status)_|^(?:inactive|revoked|suspended|binding_required|unknown_issuer|replay_unavailable|replay_full)$/
    const all = Object.keys(DENIAL_REASONS).filter((reason) => !elsewhere.test(reason))
    expect([...given].toSorted()).toEqual(all.toSorted())
  })
})

function stackOf(value: unknown): string {
  return value instanceof Error ? `${value.message} ${value.stack}` : ''
}
