import { createGuard } from '@countersign/guard'
import { tokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, bearer, gate, startScriptedIssuer, strangers } from './scripted-issuer.ts'

const MINUTE = 60_000

describe('a token whose key a guard does not know', () => {
  it('causes one load, past caches on the way, and passes when the key is there [field:57]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const next = issuer.newMint('next')
    issuer.publish(issuer.mint, next)
    const answers = await Promise.all(Array.from({ length: 50 }, () => issuer.ask(next.token())))
    expect(new Set(answers)).toEqual(new Set(['allowed']))
    expect(issuer.keyRequests()).toHaveLength(2)
    expect(issuer.keyRequests()[0]?.headers.get('cache-control')).not.toBe('no-cache')
    expect(issuer.keyRequests()[1]?.headers.get('cache-control')).toBe('no-cache')
  })

  it('causes no second load when the set has just been loaded for it', async () => {
    await using issuer = await startScriptedIssuer()
    expect(await issuer.ask(issuer.newMint('stranger').token())).toBe('401 unknown_key')
    expect(issuer.keyRequests()).toHaveLength(1)
  })

  it('is remembered for a minute, so that asking again loads nothing', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const stranger = issuer.newMint('stranger')
    expect(await issuer.ask(stranger.token())).toBe('401 unknown_key')
    issuer.clock.advance(MINUTE - 1)
    expect(await issuer.ask(stranger.token())).toBe('401 unknown_key')
    expect(issuer.keyRequests()).toHaveLength(2)
    issuer.clock.advance(1)
    issuer.publish(stranger)
    expect(await issuer.ask(stranger.token())).toBe('allowed')
  })

  it('is forgotten as unknown once another set has been loaded', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const early = issuer.newMint('early')
    expect(await issuer.ask(early.token())).toBe('401 unknown_key')
    expect(await issuer.ask(issuer.newMint('other').token())).toBe('401 unknown_key')
    issuer.publish(issuer.mint, early)
    expect(await issuer.ask(early.token())).toBe('allowed')
  })

  it('draws on a budget of three loads, and one more each twenty seconds', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    let asked = 0
    const askStrangers = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const answer = await issuer.ask(issuer.newMint(`stranger-${asked++}`).token())
        expect(answer).toBe('401 unknown_key')
      }
    }
    await askStrangers(10)
    expect(issuer.keyRequests()).toHaveLength(1 + 3)
    issuer.clock.advance(20_000)
    await askStrangers(10)
    expect(issuer.keyRequests()).toHaveLength(1 + 4)
  })

  it('is not remembered when the budget is spent', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    for (const kid of ['a', 'b', 'c']) await issuer.ask(issuer.newMint(kid).token())
    const next = issuer.newMint('next')
    issuer.publish(issuer.mint, next)
    expect(await issuer.ask(next.token())).toBe('401 unknown_key')
    issuer.clock.advance(20_000)
    expect(await issuer.ask(next.token())).toBe('allowed')
  })

  it('cannot, as a flood of random kids, stop a rotation or cause more loads than the budget [field:50]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const random = strangers(issuer.mint)
    const next = issuer.newMint('next')
    let takenUpAfter: number | undefined
    // Twenty minutes of flood, 200 kids each ten seconds; the issuer rotates after two.
    for (let second = 0; second < 1200; second += 10) {
      if (second === 120) issuer.publish(next)
      await Promise.all(Array.from({ length: 200 }, () => issuer.ask(random())))
      if (second >= 120 && (await issuer.ask(next.token())) === 'allowed') {
        takenUpAfter ??= second - 120
      }
      issuer.clock.advance(10_000)
    }
    // The budget alone, plus renewals at 80 to 90 % of ten minutes.
    expect(issuer.keyRequests().length).toBeLessThanOrEqual(1 + 3 + 1200 / 20 + 3)
    expect(takenUpAfter).toBeLessThanOrEqual(600)
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
  })

  it('waits for a load underway, and asks again when that began too early', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const next = issuer.newMint('next')
    const held = gate()
    const oldSet = issuer.mint.jwks
    issuer.respond(async () => {
      issuer.respond(undefined)
      await held.opened
      return Response.json(oldSet)
    })
    issuer.clock.advance(9 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.publish(issuer.mint, next)
    const asked = issuer.ask(next.token())
    held.open()
    expect(await asked).toBe('allowed')
  })

  it('loads nothing for an algorithm that the named key is not for', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const other = issuer.newMint('first', 'RS256')
    expect(await issuer.ask(other.token())).toBe('401 unknown_key')
    expect(issuer.keyRequests()).toHaveLength(1)
  })

  it('is not taken from another issuer that has a key of that kid [std:101] [field:58]', async () => {
    await using one = await startScriptedIssuer()
    await using two = await startScriptedIssuer()
    expect(await two.ask(two.mint.token())).toBe('allowed')
    const foreign = tokenMint({
      issuer: one.origin,
      audience: AUDIENCE,
      now: one.clock.now,
      kid: two.mint.kid,
    })
    two.publish(foreign)
    expect(await one.ask(foreign.token())).toBe('401 bad_signature')
  })

  it.each([
    ['a', 'b:c', 'a:b', 'c'],
    ['a', 'b/c', 'a/b', 'c'],
    ['a', 'b|c', 'a|b', 'c'],
    ['a', 'b c', 'a%20b', 'c'],
    ['a', '__proto__', 'b', '__proto__'],
  ])(
    'is not found under issuer %s by kid %s because %s has %s: nothing joins the two [field:49]',
    async (path, kid, otherPath, otherKid) => {
      await using server = await startScriptedIssuer()
      const [one, other] = [
        [path, kid],
        [otherPath, otherKid],
      ].map(([at, name]) => {
        const issuer = `${server.origin}/${at}`
        const mint = tokenMint({
          issuer,
          audience: AUDIENCE,
          now: server.clock.now,
          kid: name ?? '',
        })
        const fetch = async (): Promise<Response> => Response.json(mint.jwks)
        const options = { issuer, audience: AUDIENCE, jwksUri: `${issuer}/jwks`, fetch }
        return { mint, guard: createGuard({ ...options, now: server.clock.now }) }
      })
      if (one === undefined || other === undefined) throw new Error('two issuers')
      expect(await other.guard(bearer(other.mint.token()))).toMatchObject({ allowed: true })
      const forged = other.mint.token({ header: { kid }, claims: { iss: one.mint.issuer } })
      expect(await one.guard(bearer(forged))).toMatchObject({ reason: 'bad_signature' })
      expect(await one.guard(bearer(one.mint.token()))).toMatchObject({ allowed: true })
    },
  )

  it('never has its kid in an address, an event or an answer [field:19]', async () => {
    await using issuer = await startScriptedIssuer()
    for (const kid of ['../../admin', 'a@evil.example', 'a\r\nx: y', '%00', '?x=1#y']) {
      const token = issuer.newMint('stranger').token({ header: { kid } })
      expect(await issuer.ask(token)).toBe('401 unknown_key')
    }
    expect(new Set(issuer.keyRequests().map(({ path }) => path))).toEqual(new Set(['/jwks']))
    expect(JSON.stringify(issuer.events)).not.toMatch(/admin|evil|x: y/)
  })
})

describe('a kid under which the issuer puts another key', () => {
  it('is taken up with the first token that the old key refuses [field:57]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const swapped = issuer.newMint('first')
    issuer.publish(swapped)
    const answers = await Promise.all(Array.from({ length: 20 }, () => issuer.ask(swapped.token())))
    expect(new Set(answers)).toEqual(new Set(['allowed']))
    expect(issuer.keyRequests()).toHaveLength(2)
    expect(await issuer.ask(issuer.mint.token())).toBe('401 bad_signature')
  })

  it('is asked about once a minute at most, however many signatures are bad', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const forger = issuer.newMint('first')
    for (let i = 0; i < 20; i++) {
      expect(await issuer.ask(forger.token())).toBe('401 bad_signature')
    }
    expect(issuer.keyRequests()).toHaveLength(2)
  })
})
