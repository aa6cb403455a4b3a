import { createHash, generateKeyPairSync } from 'node:crypto'
import { MAX_DPOP_PROOF } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import type { MintAlgorithm } from '@countersign/testkit/contracts'
import {
  DPOP_FAULTS,
  dpopNonces,
  dpopVerifier,
  type DpopPresentation,
  type DpopVerdict,
  type DpopVerifierOptions,
} from '@countersign/verify'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { METHOD, proofMint, tokenHash, URL_CALLED } from './proof-mint.ts'

const clock = handClock()
const mint = proofMint(clock.now)
const verify = dpopVerifier({ now: clock.now })
const SECRET = 'the secret that all nodes share!'

/** The request that the mint's good proof is for. */
function presented(
  proof: DpopPresentation['proof'],
  other: Partial<DpopPresentation> = {},
): DpopPresentation {
  return { proof, method: METHOD, url: URL_CALLED, ...other }
}

/** `ok`, or why not. */
function outcome(verdict: DpopVerdict): string {
  return verdict.ok ? 'ok' : verdict.reason
}

async function ask(
  proof: DpopPresentation['proof'],
  other: Partial<DpopPresentation> = {},
  options: DpopVerifierOptions = {},
): Promise<string> {
  const asked =
    Object.keys(options).length === 0 ? verify : dpopVerifier({ now: clock.now, ...options })
  return outcome(await asked(presented(proof, other)))
}

/** RFC 9449 sections 5 and 7.1: figures 5 and 12. */
const RFC_HEADER =
  'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19'
const RFC_TOKEN_PROOF = `${RFC_HEADER}.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg`
const RFC_RESOURCE_PROOF = `${RFC_HEADER}.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA`
const RFC_TOKEN = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'

describe('dpopVerifier', () => {
  it('accepts the proofs of RFC 9449, each at its time [std:215] [std:222]', async () => {
    const then = dpopVerifier({ now: () => 1_562_262_620_000 })
    const atToken = { method: 'POST', url: 'https://server.example.com/token' }
    expect(await then({ proof: RFC_TOKEN_PROOF, ...atToken })).toMatchObject({
      ok: true,
      thumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
      jti: '-BwC3ESc6acc2lTc',
      issuedAt: 1_562_262_616_000,
    })
    const atResource = {
      method: 'GET',
      url: 'https://resource.example.org/protectedresource',
      accessToken: RFC_TOKEN,
      boundTo: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
    }
    expect(await then({ proof: RFC_RESOURCE_PROOF, ...atResource })).toMatchObject({ ok: true })
  })

  it.each<MintAlgorithm>(['ES256', 'PS256', 'RS256', 'EdDSA', 'Ed25519', 'ML-DSA-44', 'ML-DSA-65'])(
    'accepts a proof signed with %s [std:110]',
    async (algorithm) => {
      const proof = proofMint(clock.now, algorithm).proof()
      expect(proof.length).toBeLessThan(MAX_DPOP_PROOF)
      expect(await ask(proof, {}, { algorithms: [algorithm] })).toBe('ok')
    },
  )

  it.each<[string, DpopPresentation['proof'], string]>([
    ['none', undefined, 'no_proof'],
    ['null', null, 'no_proof'],
    ['an empty one', '', 'no_proof'],
    ['an empty list', [], 'no_proof'],
    ['one in a list', [mint.proof()], 'ok'],
    ['two in a list', [mint.proof(), mint.proof()], 'several_proofs'],
    ['two empty ones', ['', ''], 'several_proofs'],
    ['two joined into one', `${mint.proof()}, ${mint.proof()}`, 'several_proofs'],
    ['the same twice', `${mint.proof()},`, 'several_proofs'],
    ['text', 'proof', 'malformed_proof'],
    ['one with a blank', ` ${mint.proof()}`, 'malformed_proof'],
  ])('check 1: of headers, %s [std:218]', async (_what, proof, expected) => {
    expect(await ask(proof)).toBe(expected)
  })

  it.each([
    [{ header: { jwk: undefined } }, 'malformed_proof'],
    [{ claims: { jti: undefined } }, 'malformed_proof'],
    [{ claims: { jti: 7 } }, 'malformed_proof'],
    [{ claims: { htm: undefined } }, 'malformed_proof'],
    [{ claims: { htu: ['a'] } }, 'malformed_proof'],
    [{ claims: { iat: '1' } }, 'malformed_proof'],
    [{ header: { crit: ['nonce'] } }, 'malformed_proof'],
    [{ claims: { jti: 'j'.repeat(MAX_DPOP_PROOF) } }, 'malformed_proof'],
    [{ header: { typ: undefined } }, 'wrong_type'],
    [{ header: { typ: 'JWT' } }, 'wrong_type'],
    [{ header: { typ: 'at+jwt' } }, 'wrong_type'],
    [{ header: { typ: 'dpop' } }, 'wrong_type'],
    [{ header: { typ: 'application/DPoP+JWT' } }, 'ok'],
    [{ header: { alg: 'none' } }, 'algorithm_not_allowed'],
    [{ header: { alg: 'HS256' } }, 'algorithm_not_allowed'],
    [{ header: { alg: 'es256' } }, 'algorithm_not_allowed'],
    [{ header: { alg: 'ML-DSA-44' } }, 'algorithm_not_allowed'],
    [{ header: { alg: 'constructor' } }, 'algorithm_not_allowed'],
    [{ header: { alg: 'RS256' } }, 'unusable_key'],
    [{ header: { jwk: { ...mint.jwk, alg: 'RS256' } } }, 'unusable_key'],
    [{ header: { jwk: { ...mint.jwk, use: 'enc' } } }, 'unusable_key'],
    [{ header: { jwk: { ...mint.jwk, y: mint.jwk['x'] } } }, 'unusable_key'],
    [{ header: { jwk: { ...mint.jwk, crv: 'P-384' } } }, 'unusable_key'],
    [{ header: { jwk: {} } }, 'unusable_key'],
    [{ header: { jwk: proofMint(clock.now).jwk } }, 'bad_signature'],
    [{ claims: { htm: 'GET' } }, 'wrong_method'],
    [{ claims: { htm: 'post' } }, 'wrong_method'],
    [{ claims: { htu: 'https://api.example/other' } }, 'wrong_url'],
    [{ claims: { htu: 'https://evil.example/orders' } }, 'wrong_url'],
    [{ claims: { htu: 'http://api.example/orders' } }, 'wrong_url'],
    [{ claims: { htu: 'https://api.example/Orders' } }, 'wrong_url'],
    [{ claims: { htu: '/orders' } }, 'wrong_url'],
    [{ claims: { htu: 'HTTPS://API.example:443/%6Frders?a#b' } }, 'ok'],
  ])('checks 2 to 9: %j is %s [std:104] [std:105] [std:215]', async (overrides, expected) => {
    expect(await ask(mint.proof(overrides))).toBe(expected)
  })

  it('check 5: takes the algorithms of its list alone [std:96]', async () => {
    const rsa = proofMint(clock.now, 'RS256').proof()
    expect(await ask(rsa, {}, { algorithms: ['ES256'] })).toBe('algorithm_not_allowed')
    const mlDsa = proofMint(clock.now, 'ML-DSA-44').proof()
    expect(await ask(mlDsa)).toBe('algorithm_not_allowed')
  })

  it('check 6: refuses a proof changed anywhere after signing', async () => {
    const [head = '', body = '', signature = ''] = mint.proof().split('.')
    const [, otherBody = ''] = mint.proof({ claims: { jti: 'other' } }).split('.')
    expect(await ask(`${head}.${otherBody}.${signature}`)).toBe('bad_signature')
    const flipped = signature.startsWith('A') ? `B${signature.slice(1)}` : `A${signature.slice(1)}`
    expect(await ask(`${head}.${body}.${flipped}`)).toBe('bad_signature')
    expect(await ask(`${head}.${body}.`)).toBe('malformed_proof')
  })

  it('check 7: refuses a private or symmetric key before using it, known or not [std:226]', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const own = privateKey.export({ format: 'jwk' })
    expect(await ask(mint.proof())).toBe('ok')
    const keys = [
      own,
      { ...mint.jwk, d: own.d },
      { ...mint.jwk, d: null },
      { ...mint.jwk, priv: 'AAAA' },
      { ...mint.jwk, k: 'AAAA' },
      { kty: 'oct', k: 'AAAA' },
      { ...proofMint(clock.now, 'RS256').jwk, p: 'AAAA' },
    ]
    for (const jwk of keys) expect(await ask(mint.proof({ header: { jwk } }))).toBe('private_key')
  })

  it('check 7: refuses an RSA key that is too small or too big', async () => {
    for (const bytes of [128, 255, 1025]) {
      const n = Buffer.alloc(bytes, 255).toString('base64url')
      const jwk = { kty: 'RSA', n, e: 'AQAB' }
      expect(await ask(mint.proof({ header: { alg: 'RS256', jwk } }))).toBe('unusable_key')
    }
  })

  it.each([
    [-60, 'ok'],
    [-61, 'too_old'],
    [10, 'ok'],
    [10.5, 'issued_in_future'],
    [11, 'issued_in_future'],
    [61, 'issued_in_future'],
  ])(
    'check 11: a proof made %d s from now is %s [std:219] [std:238]',
    async (seconds, expected) => {
      expect(await ask(mint.proof({ claims: { iat: clock.now() / 1000 + seconds } }))).toBe(
        expected,
      )
    },
  )

  it('check 11: takes other spans', async () => {
    const at = (seconds: number) => mint.proof({ claims: { iat: clock.now() / 1000 + seconds } })
    expect(await ask(at(-6), {}, { maxAge: 5000 })).toBe('too_old')
    expect(await ask(at(-5), {}, { maxAge: 5000 })).toBe('ok')
    expect(await ask(at(1), {}, { clockTolerance: 0 })).toBe('issued_in_future')
    expect(await ask(at(60), {}, { clockTolerance: 60_000 })).toBe('ok')
  })

  it('check 12: wants the digest of the token, and the key it is bound to [std:222]', async () => {
    const accessToken = 'the.access.token'
    const good = { claims: { ath: tokenHash(accessToken) } }
    const boundTo = createHash('sha256')
      .update(JSON.stringify({ crv: 'P-256', kty: 'EC', x: mint.jwk['x'], y: mint.jwk['y'] }))
      .digest('base64url')
    expect(await ask(mint.proof(good), { accessToken, boundTo })).toBe('ok')
    expect(await ask(mint.proof(), { accessToken })).toBe('wrong_token_hash')
    expect(await ask(mint.proof(good), { accessToken: 'another' })).toBe('wrong_token_hash')
    expect(await ask(mint.proof({ claims: { ath: '' } }), { accessToken })).toBe('wrong_token_hash')
    const other = proofMint(clock.now).proof(good)
    expect(await ask(other, { accessToken, boundTo })).toBe('wrong_key')
    expect(await ask(mint.proof(good), { accessToken, boundTo: '' })).toBe('wrong_key')
  })

  it('refuses a request whose own URL it cannot read', async () => {
    for (const url of ['', '/orders', 'https://', 'https://a b/']) {
      expect(await ask(mint.proof({ claims: { htu: url } }), { url })).not.toBe('ok')
    }
  })

  it('keeps keys imported up to a bound, and judges the same ever after', async () => {
    const one = dpopVerifier({ now: clock.now })
    const mints = Array.from({ length: 300 }, () => proofMint(clock.now, 'Ed25519'))
    for (const other of [...mints, ...mints]) {
      expect(outcome(await one(presented(other.proof())))).toBe('ok')
    }
    const [first, second] = mints
    const forged = first?.proof({ header: { jwk: second?.jwk } })
    expect(outcome(await one(presented(forged)))).toBe('bad_signature')
  })
})

describe('what dpopVerifier gives to remember', () => {
  const replayOf = async (proof: string, options: DpopVerifierOptions = {}) => {
    const verdict = await dpopVerifier({ now: clock.now, ...options })(presented(proof))
    if (!verdict.ok) throw new Error(verdict.reason)
    return verdict.replay
  }

  it('is the same for one proof, and another for any other [std:220]', async () => {
    const proof = mint.proof()
    const { key } = await replayOf(proof)
    expect((await replayOf(proof)).key).toBe(key)
    expect(key).toMatch(/^[\w-]{43}$/)
    const jti = 'same'
    const others = [mint, proofMint(clock.now)].map((one) => one.proof({ claims: { jti } }))
    const keys = await Promise.all(others.map(async (one) => (await replayOf(one)).key))
    expect(new Set([...keys, key]).size).toBe(3)
  })

  it('does not change with how the URL is written', async () => {
    const claims = { jti: 'same' }
    const one = await replayOf(mint.proof({ claims }))
    const other = await replayOf(mint.proof({ claims: { ...claims, htu: `${URL_CALLED}?a=1` } }))
    expect(other.key).toBe(one.key)
  })

  it('is to be kept for as long as any server takes the proof, one made ahead included', async () => {
    const ahead = mint.proof({ claims: { iat: clock.now() / 1000 + 10 } })
    const { until } = await replayOf(ahead)
    const later = handClock(until + 1)
    const behind = dpopVerifier({ now: () => later.now() - 10_000 })
    expect(outcome(await behind(presented(ahead)))).toBe('too_old')
    later.advance(-2)
    expect(outcome(await behind(presented(ahead)))).toBe('ok')
  })
})

describe('dpopVerifier with nonces', () => {
  const nonces = dpopNonces({ secrets: [SECRET], audience: 'https://api.example', now: clock.now })
  const strict = dpopVerifier({ now: clock.now, nonces })
  const optional = dpopVerifier({ now: clock.now, nonces, nonce: 'optional' })

  it('check 10: wants a nonce of its own, and says which [std:218] [std:221]', async () => {
    const nonce = await nonces.issue()
    const refused = { ok: false, nextNonce: nonce }
    expect(await strict(presented(mint.proof()))).toMatchObject({ ...refused, reason: 'no_nonce' })
    const wrong = mint.proof({ claims: { nonce: 'of another server' } })
    expect(await strict(presented(wrong))).toMatchObject({ ...refused, reason: 'wrong_nonce' })
    expect(await optional(presented(wrong))).toMatchObject({ ...refused, reason: 'wrong_nonce' })
    const good = await strict(presented(mint.proof({ claims: { nonce } })))
    expect(good).toMatchObject({ ok: true, nextNonce: undefined })
  })

  it('lets a client without one in where it is optional, and offers one', async () => {
    const verdict = await optional(presented(mint.proof()))
    expect(verdict).toMatchObject({ ok: true, nextNonce: await nonces.issue() })
  })

  it('offers the newest nonce to whoever has the one before', async () => {
    const turned = handClock()
    const own = dpopNonces({ secrets: [SECRET], audience: 'a', now: turned.now })
    const one = dpopVerifier({ now: turned.now, nonces: own })
    const made = proofMint(turned.now)
    const nonce = await own.issue()
    turned.advance(60_000)
    const newest = await own.issue()
    expect(await one(presented(made.proof({ claims: { nonce } })))).toMatchObject({
      ok: true,
      nextNonce: newest,
    })
    turned.advance(60_000)
    expect(outcome(await one(presented(made.proof({ claims: { nonce } }))))).toBe('wrong_nonce')
  })

  it('lets a client with a wrong clock in by its nonce, if the age need not be right', async () => {
    const nonce = await nonces.issue()
    const careful = dpopVerifier({ now: clock.now, nonces, alwaysCheckAge: true })
    for (const hours of [-24, 24]) {
      const iat = clock.now() / 1000 + hours * 3600
      const proof = mint.proof({ claims: { nonce, iat } })
      const verdict = await strict(presented(proof))
      const check = await nonces.check(nonce)
      const until = check.valid ? check.expiresAt + 10_000 : 0
      expect(verdict).toMatchObject({ ok: true, replay: { until } })
      expect(outcome(await careful(presented(proof)))).toMatch(/too_old|issued_in_future/)
      expect(outcome(await optional(presented(mint.proof({ claims: { iat } }))))).not.toBe('ok')
    }
  })

  it('looks at no nonce where there are none', async () => {
    expect(await ask(mint.proof({ claims: { nonce: 'anything' } }))).toBe('ok')
  })
})

describe('dpopVerifier options', () => {
  const nonces = dpopNonces({ secrets: [SECRET], audience: 'a' })

  it.each([
    [{ algorithms: [] }, 'algorithms'],
    [{ algorithms: ['HS256'] }, 'algorithms'],
    [{ algorithms: 'ES256' }, 'algorithms'],
    [{ maxAge: 0 }, 'maxAge'],
    [{ maxAge: Infinity }, 'maxAge'],
    [{ clockTolerance: 60_001 }, 'clockTolerance'],
    [{ nonces: {} }, 'nonces'],
    [{ nonces: null }, 'nonces'],
    [{ nonce: 'required' }, 'nonce'],
    [{ nonces, nonce: 'off' }, 'nonce'],
    [{ alwaysCheckAge: 'yes' }, 'alwaysCheckAge'],
    [{ now: 1 }, 'now'],
    [{ maxage: 1000 }, 'maxage'],
  ])('refuses %j, naming %s', (options, option) => {
    expect(() => dpopVerifier(options as never)).toThrow(
      expect.objectContaining({ name: 'ArgumentError', option }),
    )
  })
})

describe('DPOP_FAULTS', () => {
  it('is frozen, and keeps to the characters of RFC 6749', () => {
    for (const answer of Object.values(DPOP_FAULTS)) {
      expect(Object.isFrozen(answer)).toBe(true)
      expect(answer.description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    }
    expect(Object.isFrozen(DPOP_FAULTS)).toBe(true)
  })
})

describe('dpopVerifier before anything at all', () => {
  it('never rejects, and accepts nothing that was not signed', async () => {
    const part = fc.oneof(
      fc.string(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    )
    const proof = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('.'))
    await fc.assert(
      fc.asyncProperty(proof, fc.string(), fc.string(), async (text, method, url) => {
        expect((await verify({ proof: text, method, url })).ok).toBe(false)
      }),
    )
  })

  it('never rejects for what a header or a claim holds, whatever its type', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('typ', 'alg', 'jwk', 'crit', 'kid'), fc.jsonValue()),
        fc.dictionary(fc.constantFrom('jti', 'htm', 'htu', 'iat', 'ath', 'nonce'), fc.jsonValue()),
        async (header, claims) => {
          const verdict = await verify(presented(mint.proof({ header, claims })))
          expect(['boolean', 'string']).toContain(typeof verdict.ok)
        },
      ),
    )
  })
})
