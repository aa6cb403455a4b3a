import { describe, expect, it } from 'vitest'
import { strangers, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const MINUTE = 60_000
const RATE = 5000

/** One second of flood, a tenth at a time; all of it must be refused as what it is. */
async function oneSecond(issuer: ScriptedIssuer, next: () => string, rate = RATE): Promise<void> {
  for (let tenth = 0; tenth < 10; tenth++) {
    const asked = Array.from({ length: rate / 10 }, () => issuer.ask(next()))
    for (const answer of await Promise.all(asked)) {
      if (answer !== '401 unknown_key') throw new Error(answer)
    }
    issuer.clock.advance(100)
  }
}

describe('5,000 unknown keys a second', () => {
  it('cost three loads in ten seconds, and hold a rotation in their midst up for one interval of the budget [field:50] [field:52] [field:57]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const random = strangers(issuer.mint)
    const next = issuer.newMint('next')
    for (let second = 0; second < 10; second++) {
      if (second === 5) issuer.publish(next)
      await oneSecond(issuer, random)
      expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    }
    expect(issuer.keyRequests()).toHaveLength(1 + 3)
    // Refused at once, and not held until the budget has something again.
    expect(await issuer.ask(next.token())).toBe('401 unknown_key')
    // It goes on, and spends what the budget earns: that very load brings the new set.
    for (let second = 10; second < 19; second++) await oneSecond(issuer, random, 100)
    expect(await issuer.ask(next.token())).toBe('401 unknown_key')
    for (let second = 19; second < 21; second++) await oneSecond(issuer, random, 100)
    expect(await issuer.ask(next.token())).toBe('allowed')
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    expect(issuer.keyRequests()).toHaveLength(1 + 3 + 1)
  })

  it('leave the scheduled renewal alone, which draws nothing from their budget', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    for (let renewal = 1; renewal <= 5; renewal++) {
      issuer.clock.advance(10 * MINUTE)
      expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
      expect(issuer.keyRequests()).toHaveLength(1 + renewal)
    }
    await oneSecond(issuer, strangers(issuer.mint))
    expect(issuer.keyRequests()).toHaveLength(1 + 5 + 3)
  })

  it('at one issuer take nothing from another [field:52]', async () => {
    await using flooded = await startScriptedIssuer()
    await using quiet = await startScriptedIssuer()
    await Promise.all([flooded.guard.ready(), quiet.guard.ready()])
    await oneSecond(flooded, strangers(flooded.mint))
    expect(flooded.keyRequests()).toHaveLength(1 + 3)
    const next = quiet.newMint('next')
    quiet.publish(next)
    expect(await quiet.ask(next.token())).toBe('allowed')
    expect(quiet.keyRequests()).toHaveLength(2)
  })

  it('are an outage while the issuer is down: a load for each pause, and no 401 [field:53]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.respond(() => new Response('down', { status: 502 }))
    const random = strangers(issuer.mint)
    const ask = async (count: number): Promise<void> => {
      const answers = await Promise.all(Array.from({ length: count }, () => issuer.ask(random())))
      expect(new Set(answers)).toEqual(new Set(['503 keys_unavailable']))
    }
    await ask(RATE)
    expect(issuer.keyRequests()).toHaveLength(1 + 1)
    await ask(RATE)
    expect(issuer.keyRequests()).toHaveLength(1 + 1)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.respond(undefined)
    issuer.clock.advance(MINUTE)
    const next = issuer.newMint('next')
    issuer.publish(next)
    expect(await issuer.ask(next.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(1 + 1 + 1)
  })

  it('under known kids, as bad signatures, cost one load a minute for each kid [field:57]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const forged = issuer.newMint('first').token()
    const answers = await Promise.all(Array.from({ length: RATE }, () => issuer.ask(forged)))
    expect(new Set(answers)).toEqual(new Set(['401 bad_signature']))
    expect(issuer.keyRequests()).toHaveLength(1 + 1)
  })
})

describe('10,000 callers at once', () => {
  it.each(['find the keys with one load', 'are one load when the key they have is new'])(
    '%s [field:54] [field:55]',
    async (name) => {
      await using issuer = await startScriptedIssuer()
      const isNew = name.endsWith('new')
      const next = issuer.newMint('next')
      if (isNew) await issuer.guard.ready()
      issuer.publish(issuer.mint, next)
      const token = next.token()
      const answers = await Promise.all(Array.from({ length: 10_000 }, () => issuer.ask(token)))
      expect(new Set(answers)).toEqual(new Set(['allowed']))
      expect(issuer.keyRequests()).toHaveLength(isNew ? 2 : 1)
    },
  )
})
