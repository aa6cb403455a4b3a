import { thumbprintInput, type JsonObject } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { dpopNonces, dpopVerifier } from '@countersign/verify'
import { describe, expect, it } from 'vitest'
import { METHOD, proofMint, tokenHash, URL_CALLED } from './proof-mint.ts'

describe('dpopVerifier', () => {
  it('makes the checks in one order, the signature last [std:218]', async () => {
    const clock = handClock()
    const mint = proofMint(clock.now)
    const nonces = dpopNonces({
      secrets: ['a nonce secret of 32 bytes or more'],
      audience: 'api',
      now: clock.now,
    })
    const asked = dpopVerifier({ now: clock.now, nonces, alwaysCheckAge: true })
    const good = { accessToken: 'token', boundTo: tokenHash(thumbprintInput(mint.jwk) ?? '') }
    const claims: JsonObject = { ath: tokenHash('token'), nonce: await nonces.issue() }
    const seconds = Math.floor(clock.now() / 1000)
    interface Change {
      readonly claims?: JsonObject
      readonly header?: JsonObject
      readonly boundTo?: string
      readonly spoils?: boolean
    }
    const faults: readonly (readonly [string, Change])[] = [
      ['malformed_proof', { claims: { jti: 7 } }],
      ['wrong_type', { header: { typ: 'JWT' } }],
      ['algorithm_not_allowed', { header: { alg: 'HS256' } }],
      ['private_key', { header: { jwk: { ...mint.jwk, d: 'AAAA' } } }],
      ['wrong_method', { claims: { htm: 'PATCH' } }],
      ['wrong_url', { claims: { htu: 'https://evil.example/' } }],
      ['wrong_nonce', { claims: { nonce: 'another' } }],
      ['too_old', { claims: { iat: seconds - 3600 } }],
      ['wrong_token_hash', { claims: { ath: 'another' } }],
      ['wrong_key', { boundTo: 'another' }],
      ['bad_signature', { spoils: true }],
    ]
    async function reasonFor(...changes: readonly Change[]): Promise<string> {
      const proof = mint.proof({
        claims: changes.reduce((all, one) => ({ ...all, ...one.claims }), claims),
        header: changes.reduce<JsonObject>((all, one) => ({ ...all, ...one.header }), {}),
      })
      const sent = changes.some(({ spoils }) => spoils)
        ? `${proof.slice(0, proof.lastIndexOf('.') + 1)}${'A'.repeat(86)}`
        : proof
      const boundTo = changes.find((one) => one.boundTo)?.boundTo ?? good.boundTo
      const verdict = await asked({
        proof: sent,
        method: METHOD,
        url: URL_CALLED,
        ...good,
        boundTo,
      })
      return verdict.ok ? 'ok' : verdict.reason
    }
    expect(await reasonFor()).toBe('ok')
    for (const [index, [name, change]] of faults.entries()) {
      expect(await reasonFor(change)).toBe(name)
      for (const [later, other] of faults.slice(index + 1)) {
        expect([name, later, await reasonFor(other, change)]).toEqual([name, later, name])
      }
    }
  })
})
