import { describe, expect, it } from 'vitest'
import { parseAccessTokenClaims } from './access-token-claims.ts'

const CLAIMS = {
  iss: 'https://as.example',
  sub: 'billing',
  aud: 'https://api.example',
  client_id: 'billing',
  exp: 1_790_000_300,
  iat: 1_790_000_000.5,
  jti: 'a1',
  scope: 'orders:read orders:write',
  department: 'finance',
}

describe('parseAccessTokenClaims', () => {
  it('[std:91] [std:185] reads the claims of RFC 9068, fractions of a second included', () => {
    const { department: _, ...named } = CLAIMS
    expect(parseAccessTokenClaims(CLAIMS)).toEqual({
      ok: true,
      value: {
        ...named,
        aud: ['https://api.example'],
        nbf: undefined,
        scope: ['orders:read', 'orders:write'],
        all: CLAIMS,
      },
    })
  })

  it.each(['iss', 'sub', 'client_id', 'jti', 'exp', 'iat', 'aud'])(
    '[std:185] refuses a token without %s',
    (name) => {
      expect(parseAccessTokenClaims({ ...CLAIMS, [name]: undefined })).toMatchObject({
        ok: false,
        member: name,
      })
    },
  )

  it.each([
    ['iss', ''],
    ['sub', 7],
    ['client_id', null],
    ['jti', ['a1']],
    ['exp', '1790000300'],
    ['exp', NaN],
    ['exp', Infinity],
    ['exp', -1],
    ['exp', null],
    ['iat', {}],
    ['nbf', 'soon'],
    ['nbf', null],
    ['aud', ''],
    ['aud', []],
    ['aud', ['a', 7]],
    ['aud', ['a', '']],
    ['aud', { 0: 'a' }],
    ['scope', ['orders:read']],
    ['scope', 'a"b'],
    ['scope', null],
  ])('[std:91] [std:92] refuses %s %j', (name, value) => {
    expect(parseAccessTokenClaims({ ...CLAIMS, [name]: value })).toMatchObject({
      ok: false,
      member: name,
    })
  })

  it('[std:92] reads one audience and a list alike', () => {
    expect(parseAccessTokenClaims({ ...CLAIMS, aud: ['a', 'b'] })).toMatchObject({
      value: { aud: ['a', 'b'] },
    })
  })

  it('takes a token without a scope as one with none', () => {
    expect(parseAccessTokenClaims({ ...CLAIMS, scope: undefined })).toMatchObject({
      value: { scope: [] },
    })
  })

  it.each([null, [], 'text'])('refuses %j in place of claims', (payload) => {
    expect(parseAccessTokenClaims(payload)).toMatchObject({ ok: false, member: 'payload' })
  })
})
