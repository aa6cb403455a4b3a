import { DENIAL_REASONS, type Rule, type Verdict } from '@countersign/guard'
import { parseChallenges } from '@countersign/protocol'
import { proofMint } from '@countersign/testkit/contracts'
import { HOSTILE_PROOF_CASES } from '@countersign/testkit/hostile'
import { describe, expect, it } from 'vitest'
import { directCases } from './hostile-requests.ts'
import { call, outcome, proofOf, start, type Call } from './bound-calls.ts'
import type { ScriptedIssuer } from './scripted-issuer.ts'

const SECRET = 'a nonce secret of 32 bytes or more'

describe('a guard that takes DPoP', () => {
  it('allows a bound token with a proof of its key, for this method and address [std:222]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const verdict = await call(issuer, made.token, { proof: proofOf(made) })
    expect(verdict).toMatchObject({ allowed: true, principal: { clientId: 'billing' } })
    expect(verdict.headers).toBeUndefined()
    expect(outcome(await call(issuer, made.token, { scheme: 'dpop', proof: proofOf(made) }))).toBe(
      'allowed',
    )
  })

  it('takes bearer tokens, too, unless they must be bound', async () => {
    await using issuer = (await start()).issuer
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    await using strict = (await start({ binding: 'required' })).issuer
    expect(await strict.ask(strict.mint.token())).toBe('401 binding_required')
  })

  it('refuses a bound token under Bearer, with a proof or without [std:223] [field:67]', async () => {
    const made = await start()
    await using issuer = made.issuer
    for (const proof of [[], [proofOf(made)]]) {
      const verdict = await call(issuer, made.token, { scheme: 'Bearer', proof })
      expect(outcome(verdict)).toBe('401 dpop_required')
      expect(verdict).toMatchObject({
        challenge: `Bearer realm="https://api.example/orders", error="invalid_token", error_description="${DENIAL_REASONS.dpop_required.description}", DPoP realm="https://api.example/orders", algs="ES256 PS256 EdDSA Ed25519 RS256"`,
      })
    }
  })

  it('refuses an unbound token under DPoP [std:223]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const token = issuer.mint.token()
    const verdict = await call(issuer, token, { proof: proofOf({ ...made, token }) })
    expect(outcome(verdict)).toBe('401 dpop_not_bound')
    expect(verdict).toMatchObject({
      challenge: expect.stringMatching(/^DPoP .*error="invalid_token".*, Bearer realm=/) as string,
    })
  })

  it.each([
    ['null', null],
    ['a text', 'jkt'],
    ['a list', []],
    ['empty', {}],
    ['a key that is no text', { jkt: 7 }],
    ['a key that is null', { jkt: null }],
    ['a key and what is not known', { jkt: 'KEY', kid: 'a' }],
    ['a key and a certificate that cannot be checked', { jkt: 'KEY', 'x5t#S256': 'a' }],
    ['a certificate alone, that cannot be checked', { 'x5t#S256': 'a' }],
    ['another confirmation', { jwk: {} }],
  ])('refuses a cnf that it cannot check whole: %s [field:66]', async (_, cnf) => {
    const { issuer: started, key, clock } = await start()
    await using issuer = started
    const text = JSON.stringify(cnf).replace('KEY', key.thumbprint)
    const token = issuer.mint.token({ claims: { cnf: JSON.parse(text) as unknown } })
    for (const scheme of ['Bearer', 'DPoP']) {
      const proof = proofOf({ key, token, clock })
      expect(outcome(await call(issuer, token, { scheme, proof }))).toBe('401 binding_unsupported')
    }
  })

  it('gives each hostile proof its reason [std:218] [std:219] [std:222] [std:226] [field:70]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const { key, clock, token } = made
    const seconds = clock.now() / 1000
    const other = proofMint()
    const good = proofOf(made)
    const proofs: Record<string, readonly [string, Call]> = {
      'no proof': ['dpop_no_proof', {}],
      'two proofs': ['dpop_several_proofs', { proof: [proofOf(made), proofOf(made)] }],
      'no JWT': ['dpop_malformed_proof', { proof: 'x' }],
      'no jti': ['dpop_malformed_proof', { proof: proofOf(made, { jti: undefined }) }],
      'another type': ['dpop_wrong_type', { proof: proofOf(made, {}, { typ: 'JWT' }) }],
      HS256: ['dpop_algorithm_not_allowed', { proof: proofOf(made, {}, { alg: 'HS256' }) }],
      'its private key': [
        'dpop_private_key',
        { proof: proofOf(made, {}, { jwk: key.privateJwk }) },
      ],
      'a symmetric key': [
        'dpop_private_key',
        { proof: proofOf(made, {}, { jwk: { kty: 'oct', k: 'AAAA' } }) },
      ],
      'a key of another kind': [
        'dpop_unusable_key',
        { proof: proofOf(made, {}, { alg: 'RS256' }) },
      ],
      'a changed signature': [
        'dpop_bad_signature',
        { proof: `${good.slice(0, good.lastIndexOf('.') + 1)}${'A'.repeat(86)}` },
      ],
      'another method': ['dpop_wrong_method', { proof: proofOf(made), method: 'POST' }],
      'another path': ['dpop_wrong_url', { proof: proofOf(made), url: '/orders/2' }],
      'another host': [
        'dpop_wrong_url',
        { proof: proofOf(made, { htu: 'https://evil.example/orders/1' }) },
      ],
      'another host, in the target too': [
        'dpop_wrong_url',
        {
          proof: proofOf(made, { htu: 'https://evil.example/orders/1' }),
          url: 'https://evil.example/orders/1',
        },
      ],
      'a host in the path': [
        'dpop_wrong_url',
        {
          proof: proofOf(made, { htu: 'https://evil.example/orders/1' }),
          url: '//evil.example/orders/1',
        },
      ],
      'an old one': ['dpop_too_old', { proof: proofOf(made, { iat: seconds - 61 }) }],
      'one of the future': [
        'dpop_issued_in_future',
        { proof: proofOf(made, { iat: seconds + 11 }) },
      ],
      'no ath': ['dpop_wrong_token_hash', { proof: proofOf(made, { ath: undefined }) }],
      'the ath of another': [
        'dpop_wrong_token_hash',
        { proof: proofOf({ ...made, token: issuer.mint.token() }) },
      ],
      'another key': ['dpop_wrong_key', { proof: proofOf({ ...made, key: other }) }],
    }
    const given = new Set<string>()
    for (const [name, [reason, request]] of Object.entries(proofs)) {
      const verdict = await call(issuer, token, request)
      expect([name, outcome(verdict)]).toEqual([name, `401 ${reason}`])
      if (verdict.allowed) continue
      const challenges = parseChallenges(verdict.challenge ?? '')
      const [only, ...others] = challenges.ok ? challenges.value : []
      expect(others).toEqual([])
      expect(only?.scheme).toBe('DPoP')
      expect(only?.parameters.get('error')).toBe('invalid_dpop_proof')
      expect(only?.parameters.get('algs')).toBe('ES256 PS256 EdDSA Ed25519 RS256')
      given.add(verdict.reason)
    }
    // None of them was remembered: the honest proof among them is as good as new.
    expect(outcome(await call(issuer, token, { proof: good }))).toBe('allowed')
    const faults = Object.entries(DENIAL_REASONS).filter(
      ([name, { error }]) => error === 'invalid_dpop_proof' && name !== 'dpop_replayed',
    )
    expect([...given].toSorted()).toEqual(faults.map(([name]) => name).toSorted())
  })

  it('gives each hostile proof of the test kit its reason', async () => {
    const made = await start()
    await using issuer = made.issuer
    const rule: Rule = { scope: { all: ['orders:read'] } }
    for (const one of directCases(issuer.mint, HOSTILE_PROOF_CASES)) {
      const { name, request, times = 1, status, reason } = one
      for (let sent = 1; sent < times; sent++) await issuer.guard(request, rule)
      const verdict = await issuer.guard(request, rule)
      const given = verdict.allowed
        ? { status: 200 }
        : { status: verdict.status, reason: verdict.reason }
      expect([name, given]).toEqual([name, { status, reason }])
    }
  })
})

describe('a guard with nonces', () => {
  const nonces = { secrets: [SECRET] }

  it('demands one, says which, and takes it [std:218] [std:221] [std:224]', async () => {
    const made = await start({ dpop: { nonces } })
    await using issuer = made.issuer
    const refused = await call(issuer, made.token, { proof: proofOf(made) })
    expect(outcome(refused)).toBe('401 dpop_no_nonce')
    expect(refused).toMatchObject({
      challenge: expect.stringMatching(/^DPoP realm="[^"]+", error="use_dpop_nonce", /) as string,
      headers: { 'dpop-nonce': expect.stringMatching(/^[\w-]{43}$/), 'cache-control': 'no-store' },
    })
    const nonce = refused.headers?.['dpop-nonce']
    const allowed = await call(issuer, made.token, { proof: proofOf(made, { nonce }) })
    expect(outcome(allowed)).toBe('allowed')
    expect(allowed.headers).toBeUndefined()
    const wrong = await call(issuer, made.token, { proof: proofOf(made, { nonce: 'mine' }) })
    expect(outcome(wrong)).toBe('401 dpop_wrong_nonce')
  })

  it('gives out the next one with the answer to the one before, and at last refuses it', async () => {
    const made = await start({ dpop: { nonces } })
    await using issuer = made.issuer
    const first = (await call(issuer, made.token, { proof: proofOf(made) })).headers?.['dpop-nonce']
    made.clock.advance(60_000)
    const allowed = await call(issuer, made.token, { proof: proofOf(made, { nonce: first }) })
    expect(outcome(allowed)).toBe('allowed')
    const next = allowed.headers?.['dpop-nonce']
    expect(next).not.toBe(first)
    const lacking = await call(issuer, made.token, {
      proof: proofOf(made, { nonce: first }),
      rule: { scope: { all: ['orders:delete'] } },
    })
    expect(lacking).toMatchObject({ status: 403, headers: { 'dpop-nonce': next } })
    made.clock.advance(60_000)
    const late = await call(issuer, made.token, { proof: proofOf(made, { nonce: first }) })
    expect(outcome(late)).toBe('401 dpop_wrong_nonce')
  })

  it('offers one where it is optional', async () => {
    const made = await start({ dpop: { nonces, nonce: 'optional' } })
    await using issuer = made.issuer
    const allowed = await call(issuer, made.token, { proof: proofOf(made) })
    expect(allowed).toMatchObject({
      allowed: true,
      headers: { 'dpop-nonce': expect.any(String) as string },
    })
  })

  it('knows those of every instance with the same secrets', async () => {
    const one = await start({ dpop: { nonces } })
    await using issuer = one.issuer
    const other = await start({ dpop: { nonces: { secrets: [`${SECRET}, newer`, SECRET] } } })
    await using second = other.issuer
    const nonce = (await call(issuer, one.token, { proof: proofOf(one) })).headers?.['dpop-nonce']
    expect(outcome(await call(second, other.token, { proof: proofOf(other, { nonce }) }))).toBe(
      'allowed',
    )
  })
})

describe('the challenges of a guard that takes DPoP', () => {
  const header = (issuer: ScriptedIssuer, authorization?: string): Promise<Verdict> =>
    issuer.guard({
      method: 'GET',
      url: '/',
      headers: new Headers(authorization === undefined ? {} : { authorization }),
    })

  it('offer both schemes, and no error, where there is no token [std:225]', async () => {
    await using issuer = (await start()).issuer
    expect(await header(issuer)).toMatchObject({
      status: 401,
      challenge:
        'Bearer realm="https://api.example/orders", DPoP realm="https://api.example/orders", algs="ES256 PS256 EdDSA Ed25519 RS256"',
    })
  })

  it('offer DPoP alone where tokens must be bound, and the algorithms that are taken [std:224]', async () => {
    const dpop = { algorithms: ['ES256', 'PS256'] as const }
    await using issuer = (await start({ dpop, binding: 'required' })).issuer
    const challenge = 'DPoP realm="https://api.example/orders", algs="ES256 PS256"'
    expect(await header(issuer)).toMatchObject({ challenge })
    const { description } = DENIAL_REASONS.binding_required
    expect(await header(issuer, `Bearer ${issuer.mint.token()}`)).toMatchObject({
      reason: 'binding_required',
      challenge: `DPoP realm="https://api.example/orders", error="invalid_token", error_description="${description}", algs="ES256 PS256"`,
    })
  })

  it('refuse both schemes at once [std:225]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const both = `Bearer ${made.token}, DPoP ${made.token}`
    expect(outcome(await header(issuer, both))).toBe('400 malformed_credentials')
  })
})
