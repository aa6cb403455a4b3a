import { parseAccessTokenClaims, parseIssuer, type JsonObject } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import type { RevocationCheck, RevocationContext } from './revocation-check.ts'
import { revocationMarks, type MarkTarget, type RevocationMarks } from './revocation-marks.ts'

const ISSUER = 'https://as.example'
const DAY = 86_400_000
const clock = handClock()

/** The claims of a token and the key that signed it. */
type Asked = Parameters<RevocationCheck>

function token(overrides: JsonObject = {}, key?: string): Asked {
  const iat = Math.floor(clock.now() / 1000)
  const claims = parseAccessTokenClaims({
    iss: ISSUER,
    sub: 'robot',
    client_id: 'billing',
    aud: ['https://api.example/orders', 'https://api.example/bills'],
    iat,
    exp: iat + 600,
    jti: 'token-1',
    credential_id: 'secret-1',
    ...overrides,
  })
  if (!claims.ok) throw new Error(claims.reason)
  return [claims.value, key]
}

function checkOf(marks: RevocationMarks): RevocationCheck {
  const issuer = parseIssuer(ISSUER)
  if (!issuer.ok) throw new Error(issuer.reason)
  const context: Partial<RevocationContext> = { issuer: issuer.value, now: clock.now }
  return marks(context as RevocationContext)
}

/** What a check of marks says, which it does at once. */
function says(check: RevocationCheck, one: Asked): string {
  const standing = check(...one)
  if (standing instanceof Promise) throw new Error('marks are asked without waiting')
  return standing.ok ? 'stands' : standing.reason
}

const ABOUT: readonly (readonly [MarkTarget, string])[] = [
  ['token', 'token-1'],
  ['client', 'billing'],
  ['credential', 'secret-1'],
  ['signing_key', 'thumbprint'],
  ['resource', 'https://api.example/bills'],
  ['subject', 'robot'],
  ['issuer', ISSUER],
]

describe('revocationMarks', () => {
  it.each(ABOUT)('ends tokens by %s, seen before or not, and takes it back', (target, id) => {
    const marks = revocationMarks({ now: clock.now })
    const check = checkOf(marks)
    const seen = token({}, 'thumbprint')
    expect(says(check, seen)).toBe('stands')
    marks.revoke(target, 'of another')
    expect(says(check, seen)).toBe('stands')
    marks.revoke(target, id)
    expect(says(check, seen)).toBe('revoked')
    expect(says(check, token({}, 'thumbprint'))).toBe('revoked')
    expect([marks.restore(target, id), marks.restore(target, id)]).toEqual([true, false])
    expect(says(check, seen)).toBe('stands')
  })

  it.each(ABOUT)('takes a name for what it is: %s of one thing is not that of another', (one) => {
    const marks = revocationMarks({ now: clock.now })
    for (const [target, id] of ABOUT) if (target !== one) marks.revoke(one, id)
    expect(says(checkOf(marks), token({}, 'thumbprint'))).toBe('stands')
  })

  it('ends what was issued up to an instant, and nothing that is issued after it', () => {
    const marks = revocationMarks({ now: clock.now })
    const check = checkOf(marks)
    const old = token()
    marks.revoke('client', 'billing')
    expect(says(check, old)).toBe('revoked')
    clock.advance(1000)
    expect(says(check, token())).toBe('stands')
    marks.revoke('client', 'billing', { issuedUntil: 0 })
    expect(says(check, old)).toBe('revoked')
    marks.revoke('client', 'billing', { issuedUntil: Infinity })
    clock.advance(DAY)
    expect(says(check, token())).toBe('revoked')
  })

  it('ends tokens of one issuer alone where it is named', () => {
    const marks = revocationMarks({ now: clock.now })
    const check = checkOf(marks)
    marks.revoke('client', 'billing', { issuer: 'https://other.example' })
    expect(says(check, token())).toBe('stands')
    marks.revoke('client', 'billing', { issuer: ISSUER })
    expect(says(check, token())).toBe('revoked')
    expect(marks.restore('client', 'billing')).toBe(false)
    expect(marks.restore('client', 'billing', { issuer: ISSUER })).toBe(true)
    expect(says(check, token())).toBe('stands')
  })

  it('holds no more than its bound, says so, and forgets what has served', () => {
    const marks = revocationMarks({ now: clock.now, maxMarks: 3, maxTokenLife: DAY })
    const check = checkOf(marks)
    for (const jti of ['a', 'b', 'c']) marks.revoke('token', jti)
    marks.revoke('token', 'a')
    const full = expect.objectContaining({ name: 'GuardError', code: 'ERR_MARKS_FULL' })
    expect(() => marks.revoke('token', 'd')).toThrow(full)
    expect(says(check, token({ jti: 'd' }))).toBe('stands')
    // A guard may take a token for up to a minute beyond its end.
    clock.advance(DAY + 59_999)
    expect(() => marks.revoke('token', 'd')).toThrow(full)
    clock.advance(1)
    marks.revoke('token', 'd')
    expect(marks.count()).toBe(1)
    expect(says(check, token({ jti: 'd' }))).toBe('revoked')
  })

  it('keeps what stands for good through any flood of marks, in bounded memory', () => {
    const marks = revocationMarks({ now: clock.now, maxMarks: 5000, maxTokenLife: 1000 })
    const check = checkOf(marks)
    marks.revoke('client', 'billing', { issuedUntil: Infinity })
    let most = 0
    for (let i = 0; i < 100_000; i++) {
      marks.revoke('token', `flood-${i}`)
      clock.advance(50)
      most = Math.max(most, marks.count())
    }
    expect(most).toBeLessThan(3000)
    expect(says(check, token())).toBe('revoked')
  })

  it.each([
    ['target', ['user', 'x']],
    ['id', ['client', '']],
    ['id', ['client', 'x'.repeat(1025)]],
    ['issuedUntil', ['client', 'x', { issuedUntil: -1 }]],
    ['issuedUntil', ['client', 'x', { issuedUntil: NaN }]],
    ['issuer', ['client', 'x', { issuer: 'two words' }]],
    ['until', ['client', 'x', { until: 1 }]],
  ])('refuses what cannot be a mark, and names %s', (option, parameters) => {
    const marks = revocationMarks()
    const call = (): void => marks.revoke(...(parameters as ['client', 'x']))
    expect(call).toThrow(expect.objectContaining({ name: 'ArgumentError', option }))
    expect(marks.count()).toBe(0)
  })

  it('refuses wrong options', () => {
    for (const wrong of [{ maxMarks: 0 }, { maxTokenLife: 1 }, { now: 1 }, { limit: 1 }]) {
      const make = (): unknown => revocationMarks(wrong as object)
      expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
    }
  })
})
