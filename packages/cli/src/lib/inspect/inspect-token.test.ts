import { describe, expect, it } from 'vitest'
import { inspectToken } from './inspect-token.ts'
import { inspectionJson, inspectionText } from './inspection-text.ts'

const NOW = Date.UTC(2026, 0, 1)
const SECONDS = NOW / 1000
const CLAIMS = {
  iss: 'https://as.example',
  sub: 'billing',
  client_id: 'billing',
  aud: 'https://api.example',
  iat: SECONDS - 60,
  exp: SECONDS + 240,
  jti: 'j1',
  scope: 'orders:read orders:write',
}

function jwt(claims: object = {}, header: object = {}): string {
  const segment = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  return `${segment({ typ: 'at+jwt', alg: 'ES256', kid: 'k1', ...header })}.${segment({ ...CLAIMS, ...claims })}.c2ln`
}

function text(token: string): string {
  return inspectionText(inspectToken(token, NOW), NOW)
}

describe('inspectToken', () => {
  it('shows header, claims, times in ISO and in words, and the scope as a list', () => {
    expect(text(jwt()))
      .toBe(`a JWT, decoded, not verified: only a guard can tell whether it is genuine
expires in 4 minutes

header
  typ: at+jwt
  alg: ES256
  kid: k1

claims
  iss: https://as.example
  sub: billing
  client_id: billing
  aud: https://api.example
  iat: ${SECONDS - 60}  2025-12-31T23:59:00.000Z, 1 minute ago
  exp: ${SECONDS + 240}  2026-01-01T00:04:00.000Z, in 4 minutes
  jti: j1
  scope: orders:read orders:write

scope
  orders:read
  orders:write
`)
  })

  it.each([
    [{ exp: SECONDS - 7200 }, 'expired 2 hours ago'],
    [{ nbf: SECONDS + 30 }, 'valid in 30 seconds, expires in 4 minutes'],
    [{ exp: undefined }, 'never expires by itself'],
    [{ exp: 1e300 }, 'beyond the calendar'],
  ])('says of %j: %s', (claims, words) => {
    expect(text(jwt(claims))).toContain(words)
  })

  it.each([
    [{ aud: undefined }, {}, 'there is no aud'],
    [{}, { alg: 'none' }, 'alg is none'],
    [{}, { alg: 'HS256' }, 'alg is symmetric'],
    [{}, { typ: 'JWT' }, 'typ is not at+jwt'],
    [{}, { typ: undefined }, 'typ is not at+jwt'],
    [{}, { crit: ['x'] }, 'crit names an extension'],
    [{ exp: undefined }, {}, 'there is no exp'],
    [{ iat: SECONDS + 600 }, {}, 'iat lies ahead'],
    [{ cnf: { jkt: 'x' } }, {}, 'cnf binds it to a key'],
    [{ jti: 7 }, {}, 'jti must be a string'],
  ])('warns of claims %j and header %j: %s', (claims, header, warning) => {
    const inspection = inspectToken(jwt(claims, header), NOW)
    expect(inspection.kind === 'jwt' && inspection.warnings.join('\n')).toContain(warning)
  })

  it('has nothing to warn of in a token as RFC 9068 has it', () => {
    expect(inspectToken(jwt(), NOW)).toMatchObject({ warnings: [], state: 'in time' })
    expect(inspectToken(jwt({}, { typ: 'application/AT+JWT' }), NOW)).toMatchObject({
      warnings: [],
    })
  })

  it('reads an unsigned token, which a guard would not', () => {
    const unsigned = jwt({}, { alg: 'none' }).replace(/[^.]+$/, '')
    expect(inspectToken(unsigned, NOW)).toMatchObject({ kind: 'jwt' })
  })

  it.each(['opaque-token', 'a.b.c', '', '....', `${jwt()}.x`, 'eyJhIjoxfQ.!.x'])(
    'takes %j for an opaque token',
    (token) => {
      expect(inspectToken(token, NOW)).toEqual({ kind: 'opaque' })
      expect(text(token)).toContain('an opaque token')
    },
  )

  it('knows an encrypted token by its five parts', () => {
    const [header] = jwt({}, { alg: 'RSA-OAEP', enc: 'A256GCM' }).split('.')
    expect(text(`${header}.a.b.c.d`)).toContain('an encrypted JWT')
  })

  it('lets no claim steer the terminal', () => {
    const shown = text(jwt({ sub: 'a\u001b[2J\u202eb\nwarning: forged', 'x\u0007': 1 }))
    expect(shown).toContain('sub: a\\u{1b}[2J\\u{202e}b\\u{a}warning: forged')
    expect(shown).toContain('x\\u{7}: 1')
  })

  it('gives programs the same, and says that it is not verified', () => {
    expect(JSON.parse(inspectionJson(inspectToken(jwt(), NOW)))).toMatchObject({
      kind: 'jwt',
      verified: false,
      header: { alg: 'ES256' },
      claims: { jti: 'j1' },
      scope: ['orders:read', 'orders:write'],
      state: 'in time',
      times: { exp: '2026-01-01T00:04:00.000Z' },
      warnings: [],
    })
  })
})
