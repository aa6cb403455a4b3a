import { createGuard, type GuardOptions } from '@countersign/guard'
import { thumbprintInput, type JsonObject } from '@countersign/protocol'
import { handClock } from '@countersign/testkit'
import { tokenMint, type TokenMint } from '@countersign/testkit/contracts'
import { sha256Base64url } from '@countersign/verify'
import { describe, expect, it, vi } from 'vitest'
import { AUDIENCE, bearer, startScriptedIssuer } from './scripted-issuer.ts'

const MINUTE = 60_000
const ISSUER = 'https://as.example'

async function thumbprint({ jwk }: TokenMint): Promise<string> {
  return sha256Base64url(thumbprintInput(jwk) ?? '')
}

function mintOf(kid: string, now: () => number): TokenMint {
  return tokenMint({ issuer: ISSUER, audience: AUDIENCE, now, kid })
}

describe('a guard with pinned keys', () => {
  it('takes those alone of what is published, and tells of the others', async () => {
    const { now } = handClock()
    const pinned = mintOf('one', now)
    const planted = mintOf('two', now)
    const later = mintOf('three', now)
    let keys: JsonObject[] = [pinned.jwk, planted.jwk]
    const events: unknown[] = []
    const guard = createGuard({
      issuer: ISSUER,
      audience: AUDIENCE,
      now,
      jwksUri: `${ISSUER}/jwks`,
      fetch: async () => Response.json({ keys }),
      pinnedKeys: [await thumbprint(pinned), await thumbprint(later)],
      onEvent: (event) => events.push(event),
    })
    expect(await guard(bearer(pinned.token()))).toMatchObject({ allowed: true })
    expect(events).toContainEqual({
      type: 'unpinned_keys',
      document: 'keys',
      count: 1,
      issuer: ISSUER,
    })
    expect(await guard(bearer(planted.token()))).toMatchObject({ reason: 'unknown_key' })
    // A key that is pinned ahead of its time is taken up as any new key is.
    keys = [later.jwk]
    events.length = 0
    expect(await guard(bearer(later.token()))).toMatchObject({ allowed: true })
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'unpinned_keys' }))
    expect(JSON.stringify(events)).not.toContain('two')
  })

  it('goes by the key and not by its kid, which anybody may write', async () => {
    await using issuer = await startScriptedIssuer({
      pinnedKeys: [await thumbprint(mintOf('first', handClock().now))],
    })
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    expect(issuer.events).toContainEqual({
      type: 'unpinned_keys',
      document: 'keys',
      count: 1,
      issuer: issuer.origin,
    })
  })
})

describe('a guard with the keys given', () => {
  it('loads nothing, ever, and takes those keys alone', async () => {
    const clock = handClock()
    const mint = mintOf('one', clock.now)
    const fetch = vi.fn<typeof globalThis.fetch>()
    const jwks = { keys: [mint.jwk] }
    const guard = createGuard({ issuer: ISSUER, audience: AUDIENCE, jwks, fetch, now: clock.now })
    jwks.keys.length = 0
    await guard.ready()
    for (let day = 0; day < 10; day++) {
      expect(await guard(bearer(mint.token()))).toMatchObject({ allowed: true })
      expect(await guard(bearer(mintOf('two', clock.now).token()))).toMatchObject({
        status: 401,
        reason: 'unknown_key',
      })
      expect(await guard(bearer(mintOf('one', clock.now).token()))).toMatchObject({
        reason: 'bad_signature',
      })
      clock.advance(24 * 60 * MINUTE)
    }
    expect(fetch).not.toHaveBeenCalled()
  })

  it('is refused at once with keys that cannot be trusted or used', () => {
    const { jwk } = mintOf('one', handClock().now)
    const good = { issuer: ISSUER, audience: AUDIENCE }
    const wrong: readonly (readonly [unknown, string])[] = [
      [{ jwks: { keys: [{ ...jwk, d: 'marker-private' }] } }, 'jwks'],
      [{ jwks: { keys: [{ kty: 'oct', k: 'marker-secret' }] } }, 'jwks'],
      [{ jwks: { keys: [] } }, 'jwks'],
      [{ jwks: [jwk] }, 'jwks'],
      [{ jwks: JSON.stringify({ keys: [jwk] }) }, 'jwks'],
      [{ jwks: { keys: [jwk] }, algorithms: ['RS256'] }, 'jwks'],
      [{ jwks: { keys: [jwk] }, jwksUri: `${ISSUER}/jwks` }, 'jwks'],
      [{ jwks: { keys: [jwk] }, pinnedKeys: ['A'.repeat(43)] }, 'jwks'],
      [{ pinnedKeys: [] }, 'pinnedKeys'],
      [{ pinnedKeys: 'A'.repeat(43) }, 'pinnedKeys'],
      [{ pinnedKeys: ['A'.repeat(43), 'short'] }, 'pinnedKeys[1]'],
      [{ waitUntil: true }, 'waitUntil'],
    ]
    for (const [options, option] of wrong) {
      let thrown: unknown
      try {
        createGuard({ ...good, ...(options as Partial<GuardOptions>) })
      } catch (error) {
        thrown = error
      }
      expect(thrown).toMatchObject({ name: 'ArgumentError', option })
      expect(String(thrown)).not.toMatch(/marker/)
    }
  })
})

describe('a guard on a platform that ends what a request has begun', () => {
  it('hands it the load for a new set, which nobody waits for', async () => {
    const handed: Promise<unknown>[] = []
    await using issuer = await startScriptedIssuer({
      waitUntil: (work) => handed.push(work),
      discover: true,
    })
    await issuer.guard.ready()
    // Keys and the metadata that leads to them.
    expect(handed).toHaveLength(2)
    issuer.publish(issuer.newMint('next'))
    issuer.clock.advance(9 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    await Promise.all(handed)
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
  })

  it('is not hurt when that throws', async () => {
    await using issuer = await startScriptedIssuer({
      waitUntil() {
        throw new Error('not in a request')
      },
    })
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
  })
})
