import { inspect } from 'node:util'
import { createGuard, type Explanation } from '@countersign/guard'
import { revocationHook, revocationMarks, type TokenFacts } from '@countersign/guard/revocation'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, bearer, startScriptedIssuer } from './scripted-issuer.ts'

function failedOf({ checks }: Explanation): unknown {
  return checks.find(({ outcome }) => outcome === 'failed')
}

describe('a guard with revocation marks', () => {
  it('refuses a token that it has taken before, from the next request on [std:66] [std:240]', async () => {
    const marks = revocationMarks()
    await using issuer = await startScriptedIssuer({ revocation: marks })
    const token = issuer.mint.token({ claims: { jti: 'this-one' } })
    expect(await issuer.ask(token)).toBe('allowed')
    marks.revoke('token', 'this-one')
    expect(await issuer.guard(bearer(token))).toEqual({
      allowed: false,
      status: 401,
      reason: 'revoked',
      challenge: `Bearer realm="${AUDIENCE}", error="invalid_token", error_description="the access token has been revoked"`,
    })
    expect(issuer.events.at(-1)).toEqual({
      type: 'denied',
      reason: 'revoked',
      status: 401,
      issuer: issuer.origin,
      clientId: 'billing',
    })
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    marks.restore('token', 'this-one')
    expect(await issuer.ask(token)).toBe('allowed')
  })

  it('ends what one key signed, by its thumbprint', async () => {
    const marks = revocationMarks()
    const keys: (string | undefined)[] = []
    const hook = revocationHook(({ key }) => {
      keys.push(key)
      return false
    })
    await using issuer = await startScriptedIssuer({ revocation: [hook, marks] })
    const next = issuer.newMint('next')
    issuer.publish(issuer.mint, next)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    marks.revoke('signing_key', keys[0] ?? '')
    expect(await issuer.ask(issuer.mint.token())).toBe('401 revoked')
    expect(await issuer.ask(next.token())).toBe('allowed')
  })

  it('explains it with the cure, after lifetime and before binding', async () => {
    const marks = revocationMarks()
    await using issuer = await startScriptedIssuer({ revocation: marks })
    marks.revoke('client', 'billing', { issuedUntil: Infinity })
    const explained = await issuer.guard.explain(bearer(issuer.mint.token()))
    expect(failedOf(explained)).toMatchObject({ name: 'revocation', reason: 'revoked' })
    const names = explained.checks.map(({ name }) => name)
    expect(names.slice(names.indexOf('lifetime'), names.indexOf('binding') + 1)).toEqual([
      'lifetime',
      'revocation',
      'binding',
    ])
    const expired = issuer.mint.token({ claims: { exp: 1 } })
    expect(await issuer.ask(expired)).toBe('401 expired')
  })

  it('reports where it only reports, and knows nobody by a revoked token', async () => {
    const marks = revocationMarks()
    await using issuer = await startScriptedIssuer({ revocation: marks, reportOnly: true })
    marks.revoke('client', 'billing', { issuedUntil: Infinity })
    expect(await issuer.guard(bearer(issuer.mint.token()))).toMatchObject({
      allowed: true,
      wouldDeny: 'revoked',
      principal: { clientId: '' },
    })
  })

  it('refuses an option that is no source', () => {
    for (const revocation of [{}, [revocationMarks(), 'feed'], 'feed']) {
      const make = (): unknown =>
        createGuard({ issuer: 'https://as.example', audience: AUDIENCE, revocation } as never)
      expect(make).toThrow(expect.objectContaining({ option: 'revocation' }))
    }
  })
})

function broken(): never {
  throw new Error('MARKER')
}

const FAILING: readonly (readonly [how: string, hook: () => unknown, fault: string])[] = [
  ['throws', broken, 'hook'],
  ['rejects', () => Promise.reject(new Error('MARKER')), 'hook'],
  ['gives no boolean', () => undefined, 'hook'],
  ['promises no boolean', () => Promise.resolve('MARKER'), 'hook'],
  ['never answers', () => new Promise(() => {}), 'timeout'],
]

describe('a guard with a revocation hook', () => {
  it('asks it about every request, with what the token says and never the token', async () => {
    const asked: TokenFacts[] = []
    const revocation = revocationHook(async (facts) => asked.push(facts) > 2)
    await using issuer = await startScriptedIssuer({ revocation })
    const token = issuer.mint.token({ claims: { credential_id: 'secret-1' } })
    const verdicts = [await issuer.ask(token), await issuer.ask(token), await issuer.ask(token)]
    expect(verdicts).toEqual(['allowed', 'allowed', '401 revoked'])
    // The guard knows the token from the first request, and asks all the same.
    expect(asked[1]?.claims).toBe(asked[0]?.claims)
    const iat = issuer.clock.now()
    expect(asked[0]).toMatchObject({
      issuer: issuer.origin,
      audience: [AUDIENCE],
      id: 'token-1',
      clientId: 'billing',
      subject: 'billing',
      credentialId: 'secret-1',
      issuedAt: iat,
      expiresAt: iat + 600_000,
      key: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(inspect(asked, { depth: 9 })).not.toContain(token.split('.')[2])
  })

  it.each(FAILING)(
    'answers 503 where it %s, or lets pass and says so',
    async (_how, hook, fault) => {
      const isRevoked = hook as () => boolean
      for (const whenUnknown of ['refuse', 'allow'] as const) {
        const revocation = revocationHook(isRevoked, { timeout: 20, whenUnknown })
        await using issuer = await startScriptedIssuer({ revocation })
        const verdict = await issuer.guard(bearer(issuer.mint.token()))
        expect(verdict).toMatchObject(
          whenUnknown === 'allow'
            ? { allowed: true, principal: { clientId: 'billing' } }
            : {
                status: 503,
                reason: 'revocation_unavailable',
                challenge: undefined,
                retryAfter: 1,
              },
        )
        const { events } = issuer
        expect(events).toContainEqual(
          expect.objectContaining({
            type: 'revocations_failed',
            source: 'hook',
            fault,
            failures: 1,
          }),
        )
        const unchecked = events.filter(({ type }) => type === 'unchecked')
        expect(unchecked).toEqual(
          whenUnknown === 'allow'
            ? [{ type: 'unchecked', source: 'hook', issuer: issuer.origin, clientId: 'billing' }]
            : [],
        )
        expect(inspect([verdict, events], { depth: 9 })).not.toContain('MARKER')
      }
    },
  )

  it('does not hide what another source knows, in either order', async () => {
    const silent = revocationHook(broken)
    const lenient = revocationHook(() => new Promise<boolean>(() => {}), {
      timeout: 10,
      whenUnknown: 'allow',
    })
    const marks = revocationMarks()
    for (const revocation of [
      [silent, marks, lenient],
      [marks, silent],
      [lenient, silent, marks],
    ]) {
      await using issuer = await startScriptedIssuer({ revocation })
      expect(await issuer.ask(issuer.mint.token())).toBe('503 revocation_unavailable')
      marks.revoke('client', 'billing', { issuedUntil: Infinity })
      expect(await issuer.ask(issuer.mint.token())).toBe('401 revoked')
      marks.restore('client', 'billing')
    }
  })

  it('takes a source that breaks for an outage of it', async () => {
    for (const revocation of [() => broken, () => () => Promise.reject(new Error('MARKER'))]) {
      await using issuer = await startScriptedIssuer({ revocation })
      expect(await issuer.ask(issuer.mint.token())).toBe('503 revocation_unavailable')
    }
  })

  it('refuses wrong options', () => {
    const hook = (): boolean => false
    expect(() => revocationHook('x' as never)).toThrow(
      expect.objectContaining({ option: 'isRevoked' }),
    )
    for (const [option, wrong] of [
      ['timeout', { timeout: 0 }],
      ['whenUnknown', { whenUnknown: 'maybe' }],
      ['wait', { wait: 1 }],
    ] as const) {
      const make = (): unknown => revocationHook(hook, wrong as object)
      expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError', option }))
    }
  })
})
