import { inspect } from 'node:util'
import { createGuard, type Rule } from '@countersign/guard'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { API, call, outcome, proofOf, start } from './bound-calls.ts'
import { AUDIENCE } from './scripted-issuer.ts'

describe('a guard that takes each proof once', () => {
  it('takes a proof once, and remembers none of a request it refused', async () => {
    const made = await start()
    await using issuer = made.issuer
    const proof = proofOf(made)
    const rule: Rule = { scope: { all: ['orders:delete'] } }
    const refused = await call(issuer, made.token, { proof, rule })
    expect(refused).toMatchObject({
      reason: 'insufficient_scope',
      challenge: expect.stringMatching(/^DPoP /) as string,
    })
    expect(outcome(await call(issuer, made.token, { proof }))).toBe('allowed')
    expect(outcome(await call(issuer, made.token, { proof }))).toBe('401 dpop_replayed')
    expect(outcome(await call(issuer, made.token, { proof: proofOf(made) }))).toBe('allowed')
  })

  it('takes one of many identical proofs that come at once [std:220]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const proof = proofOf(made)
    const verdicts = await Promise.all(
      Array.from({ length: 200 }, () => call(issuer, made.token, { proof })),
    )
    expect(verdicts.filter(({ allowed }) => allowed)).toHaveLength(1)
  })

  it('answers 503 where its memory is full of proofs that count, and forgets those that do not [std:220]', async () => {
    const made = await start({ dpop: { maxRemembered: 2, maxRememberedPerKey: 2 } })
    await using issuer = made.issuer
    const ask = async () => call(issuer, made.token, { proof: proofOf(made) })
    const [first, second, third] = [await ask(), await ask(), await ask()]
    expect([first, second, third].map(outcome)).toEqual(['allowed', 'allowed', '503 replay_full'])
    expect(third).toMatchObject({ retryAfter: 1, challenge: undefined })
    made.clock.advance(71_000)
    expect(outcome(await ask())).toBe('allowed')
  })

  it('lets no key fill its memory: half of it is left to others [std:220] [field:68]', async () => {
    const made = await start({ dpop: { maxRemembered: 4 } })
    await using issuer = made.issuer
    const other = proofMint()
    const token = issuer.mint.token({ claims: { cnf: { jkt: other.thumbprint } } })
    const outcomes: string[] = []
    for (const one of [made, made, made, { ...made, key: other, token }]) {
      outcomes.push(outcome(await call(issuer, one.token, { proof: proofOf(one) })))
    }
    expect(outcomes).toEqual(['allowed', 'allowed', '503 replay_full', 'allowed'])
  })

  it.each([
    ['fails', () => Promise.reject(new Error('MARKER'))],
    [
      'throws',
      () => {
        throw new Error('MARKER')
      },
    ],
    ['hangs', () => new Promise<boolean>(() => {})],
    ['says nothing', async () => undefined as never],
  ])('answers 503 where the replay store %s', async (_, reserve) => {
    const made = await start()
    // The keys are given: the short deadline is that of the store, and of no load.
    const { origin, mint, events, clock } = made.issuer
    const guard = createGuard({
      issuer: origin,
      audience: AUDIENCE,
      jwks: { keys: [mint.jwk] },
      now: clock.now,
      dpop: { replay: { reserve } },
      timeout: 100,
      onEvent: (event) => events.push(event),
    })
    await using issuer = { ...made.issuer, guard }
    const verdict = await call(issuer, made.token, { proof: proofOf(made) })
    expect(outcome(verdict)).toBe('503 replay_unavailable')
    expect(inspect([verdict, issuer.events], { depth: 9 })).not.toContain('MARKER')
  })

  it('lets a request go on whose store fails where it is told to, and tells of it', async () => {
    const reserve = () => Promise.reject(new Error('MARKER'))
    const made = await start({ dpop: { replay: { reserve }, onReplayStoreError: 'allow' } })
    await using issuer = made.issuer
    expect(outcome(await call(issuer, made.token, { proof: proofOf(made) }))).toBe('allowed')
    expect(issuer.events.filter(({ type }) => type === 'replay_unchecked')).toEqual([
      { type: 'replay_unchecked', issuer: issuer.origin, clientId: 'billing' },
    ])
    // It says nothing against a store that has answered.
    for (const [answer, expected] of [
      ['full', '503 replay_full'],
      [false, '401 dpop_replayed'],
    ] as const) {
      const told = await start({
        dpop: { replay: { reserve: async () => answer }, onReplayStoreError: 'allow' },
      })
      await using second = told.issuer
      expect(outcome(await call(second, told.token, { proof: proofOf(told) }))).toBe(expected)
    }
  })

  it('hands the store a digest, the key, and the last instant the proof is good, by its own iat [field:68]', async () => {
    const seen: unknown[] = []
    const reserve = (...given: unknown[]): boolean => seen.push(given) > 0
    const made = await start({ dpop: { replay: { reserve } } })
    await using issuer = made.issuer
    const { key, clock } = made
    await call(issuer, made.token, { proof: proofOf(made, { jti: 'MARKER' }) })
    const ahead = clock.now() / 1000 + 10
    await call(issuer, made.token, { proof: proofOf(made, { iat: ahead }) })
    const digest: unknown = expect.stringMatching(/^[\w-]{43}$/)
    expect(seen).toEqual([
      [digest, clock.now() + 70_000, key.thumbprint],
      [digest, clock.now() + 80_000, key.thumbprint],
    ])
  })

  it('takes a proof of the future once, also at the end of its life [field:68]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const proof = proofOf(made, { iat: made.clock.now() / 1000 + 10 })
    expect(outcome(await call(issuer, made.token, { proof }))).toBe('allowed')
    made.clock.advance(70_000)
    expect(outcome(await call(issuer, made.token, { proof }))).toBe('401 dpop_replayed')
    made.clock.advance(1000)
    expect(outcome(await call(issuer, made.token, { proof }))).toBe('401 dpop_too_old')
  })

  it('keeps the identifiers of keys apart: none uses up that of another [field:68]', async () => {
    const made = await start()
    await using issuer = made.issuer
    const key = proofMint()
    const other = {
      ...made,
      key,
      token: issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } }),
    }
    for (const one of [made, other]) {
      const proof = proofOf(one, { jti: 'the same' })
      expect(outcome(await call(issuer, one.token, { proof }))).toBe('allowed')
    }
    // Nor does a method or an address of the same key.
    for (const [method, url] of [
      ['POST', '/orders/1'],
      ['GET', '/orders/2'],
    ]) {
      const proof = made.key.proof(`${API}${url}`, made.token, made.clock.now(), {
        claims: { jti: 'the same', htm: method },
      })
      const request = { proof, method: method ?? '', url: url ?? '' }
      expect(outcome(await call(issuer, made.token, request))).toBe('allowed')
    }
  })

  it('records no proof of a request that fails elsewhere [field:68]', async () => {
    const reserved: string[] = []
    const reserve = (key: string): boolean => reserved.push(key) > 0
    const made = await start({ dpop: { replay: { reserve } } })
    await using issuer = made.issuer
    const { token } = made
    const lacking: Rule = { scope: { all: ['orders:delete'] } }
    const proof = proofOf(made)
    const changed = `${proof.slice(0, proof.lastIndexOf('.') + 1)}${'A'.repeat(86)}`
    const verdicts = [
      await call(issuer, token, { proof, rule: lacking }),
      await call(issuer, token, { proof: changed }),
      await call(issuer, token, { proof: proofOf(made, { ath: 'another' }) }),
      await call(issuer, token, { proof: proofOf({ ...made, key: proofMint() }) }),
      await call(issuer, token, { proof, url: '/orders/2' }),
      await call(issuer, `${token}x`, { proof }),
    ]
    expect(verdicts.filter(({ allowed }) => allowed)).toEqual([])
    expect(reserved).toEqual([])
  })
})
