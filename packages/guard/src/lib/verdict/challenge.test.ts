import { describe, expect, it } from 'vitest'
import { denialChallenge } from './challenge.ts'
import { DENIAL_REASONS, type DenialReason } from './denial-reasons.ts'

const SCOPES = ['orders:read', 'orders:write']
const challenge = (reason: DenialReason): string | undefined =>
  denialChallenge('orders', reason, SCOPES)

describe('denialChallenge', () => {
  it('names realm and scope, and no error, where there was no token [std:34] [std:37]', () => {
    expect(challenge('no_credentials')).toBe(
      'Bearer realm="orders", scope="orders:read orders:write"',
    )
    expect(denialChallenge('orders', 'no_credentials', [])).toBe('Bearer realm="orders"')
  })

  it('names every scope needed where one was lacking [std:38]', () => {
    expect(challenge('insufficient_scope')).toBe(
      'Bearer realm="orders", error="insufficient_scope", ' +
        'error_description="the access token lacks a scope that this route needs", ' +
        'scope="orders:read orders:write"',
    )
  })

  it('asks for no scope where another scope would not help', () => {
    expect(challenge('principal_kind')).toBe(
      'Bearer realm="orders", error="insufficient_scope", ' +
        'error_description="this route does not take tokens of this kind of principal"',
    )
    expect(challenge('expired')).toBe(
      'Bearer realm="orders", error="invalid_token", ' +
        'error_description="the access token has expired"',
    )
    expect(challenge('malformed_credentials')).toBe(
      'Bearer realm="orders", error="invalid_request", ' +
        'error_description="the Authorization header must hold one Bearer token and nothing else"',
    )
  })

  it('is left out for an outage', () => {
    expect(challenge('keys_unavailable')).toBeUndefined()
  })

  it('quotes what must be quoted in a realm', () => {
    expect(denialChallenge('a "b" \\', 'no_credentials', [])).toBe('Bearer realm="a \\"b\\" \\\\"')
  })
})

describe('DENIAL_REASONS', () => {
  it('is frozen through and through', () => {
    expect(Object.isFrozen(DENIAL_REASONS)).toBe(true)
    expect(Object.values(DENIAL_REASONS).every((denial) => Object.isFrozen(denial))).toBe(true)
  })

  it('pairs each status with its error, and keeps to the characters of RFC 6750 [std:36] [std:38]', () => {
    const errors = {
      400: ['invalid_request'],
      401: ['invalid_token', 'invalid_dpop_proof', 'use_dpop_nonce', undefined],
      403: ['insufficient_scope'],
      503: ['temporarily_unavailable'],
    }
    for (const { status, error, description, meaning, cure } of Object.values(DENIAL_REASONS)) {
      expect(errors[status]).toContain(error)
      expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
      expect(meaning).toMatch(/\.$/)
      expect(cure).toMatch(/\.$/)
    }
  })
})
