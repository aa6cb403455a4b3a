import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { dpopNonces, type DpopNoncesOptions } from './dpop-nonces.ts'

const SECRET = 'the secret that all nodes share!'
const OTHER = 'the secret that came after that!'
const AUDIENCE = 'https://as.example'

function nonces(options: Partial<DpopNoncesOptions> = {}) {
  return dpopNonces({ secrets: [SECRET], audience: AUDIENCE, ...options })
}

describe('dpopNonces', () => {
  it('accepts its newest nonce and the one before, until two lifetimes have passed [std:221]', async () => {
    const clock = handClock()
    const one = nonces({ now: clock.now, lifetime: 60_000 })
    const start = clock.now()
    const nonce = await one.issue()
    expect(await one.check(nonce)).toEqual({
      valid: true,
      newest: true,
      expiresAt: start + 120_000,
    })
    clock.advance(60_000)
    expect(await one.issue()).not.toBe(nonce)
    expect(await one.check(nonce)).toEqual({
      valid: true,
      newest: false,
      expiresAt: start + 120_000,
    })
    clock.advance(59_999)
    expect(await one.check(nonce)).toMatchObject({ valid: true })
    clock.advance(1)
    expect(await one.check(nonce)).toEqual({ valid: false })
  })

  it('agrees with other nodes that share the secret, and lets their clocks differ', async () => {
    const clock = handClock()
    const ahead = nonces({ now: () => clock.now() + 60_000 })
    const behind = nonces({ now: clock.now })
    expect(await behind.check(await ahead.issue())).toMatchObject({ valid: true, newest: true })
    expect(await ahead.check(await behind.issue())).toMatchObject({ valid: true, newest: false })
    const far = nonces({ now: () => clock.now() + 120_000 })
    expect(await behind.check(await far.issue())).toEqual({ valid: false })
  })

  it('takes no nonce of another audience or secret', async () => {
    const clock = handClock()
    const nonce = await nonces({ now: clock.now }).issue()
    const others = [
      nonces({ now: clock.now, audience: 'https://api.example' }),
      nonces({ now: clock.now, secrets: [OTHER] }),
    ]
    for (const other of others) expect(await other.check(nonce)).toEqual({ valid: false })
  })

  it('changes its secret with no nonce refused', async () => {
    const clock = handClock()
    const old = nonces({ now: clock.now })
    const fresh = nonces({ now: clock.now, secrets: [OTHER, SECRET] })
    expect(await fresh.check(await old.issue())).toMatchObject({ valid: true, newest: false })
    expect(await fresh.check(await fresh.issue())).toMatchObject({ valid: true, newest: true })
  })

  it('gives nonces that a header may hold, and that cannot be guessed [std:218]', async () => {
    const clock = handClock()
    const one = nonces({ now: clock.now })
    const given = new Set<string>()
    for (let i = 0; i < 100; i++) {
      given.add(await one.issue())
      clock.advance(60_000)
    }
    expect(given.size).toBe(100)
    for (const nonce of given) expect(nonce).toMatch(/^[\w-]{43}$/)
  })

  it.each(['', 'a', 'A'.repeat(43), 'A'.repeat(44), 'A'.repeat(1_000_000), '\u0000'.repeat(43)])(
    'knows %.50j not',
    async (nonce) => {
      expect(await nonces({ now: handClock().now }).check(nonce)).toEqual({ valid: false })
    },
  )

  it('knows a nonce not that is wrong in any one character', async () => {
    const one = nonces({ now: handClock().now })
    const nonce = await one.issue()
    for (let i = 0; i < nonce.length; i++) {
      const changed = `${nonce.slice(0, i)}${nonce[i] === 'A' ? 'B' : 'A'}${nonce.slice(i + 1)}`
      expect(await one.check(changed)).toEqual({ valid: false })
    }
  })

  it('goes on when the clock is set back', async () => {
    const clock = handClock()
    const one = nonces({ now: clock.now })
    const nonce = await one.issue()
    clock.advance(-86_400_000)
    expect(await one.check(nonce)).toEqual({ valid: false })
    expect(await one.check(await one.issue())).toMatchObject({ valid: true, newest: true })
  })

  it('takes a secret as bytes too, and keeps its own copy', async () => {
    const clock = handClock()
    const secret = new TextEncoder().encode(SECRET)
    const one = nonces({ now: clock.now, secrets: [secret] })
    secret.fill(0)
    expect(await one.issue()).toBe(await nonces({ now: clock.now }).issue())
  })

  it.each([
    [{ secrets: undefined }, 'secrets'],
    [{ secrets: [] }, 'secrets'],
    [{ secrets: SECRET }, 'secrets'],
    [{ secrets: Array(9).fill(SECRET) }, 'secrets'],
    [{ secrets: [SECRET, 'too short a one'] }, 'secrets[1]'],
    [{ secrets: [7] }, 'secrets[0]'],
    [{ audience: '' }, 'audience'],
    [{ audience: undefined }, 'audience'],
    [{ lifetime: 999 }, 'lifetime'],
    [{ lifetime: Number.NaN }, 'lifetime'],
    [{ now: 0 }, 'now'],
    [{ secret: SECRET }, 'secret'],
  ])('refuses %j, naming %s and no secret', (options, option) => {
    const make = () => nonces(options as never)
    expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError', option }))
    expect(make).not.toThrow(/short a one|all nodes/)
  })
})
