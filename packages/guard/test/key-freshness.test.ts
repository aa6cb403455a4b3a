import { describe, expect, it } from 'vitest'
import { gate, startScriptedIssuer } from './scripted-issuer.ts'

const MINUTE = 60_000

describe('how long a guard holds keys', () => {
  it('loads metadata and keys once for a hundred first callers', async () => {
    await using issuer = await startScriptedIssuer({ discover: true })
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => issuer.ask(issuer.mint.token())),
    )
    expect(new Set(answers)).toEqual(new Set(['allowed']))
    expect(issuer.keyRequests()).toHaveLength(1)
  })

  it('keeps them for ten minutes when the server says nothing', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.clock.advance(8 * MINUTE - 1)
    await issuer.ask(issuer.mint.token())
    expect(issuer.keyRequests()).toHaveLength(1)
    issuer.clock.advance(2 * MINUTE + 1)
    await issuer.ask(issuer.mint.token())
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it.each(['max-age=1', 'no-store', 'private, no-cache', 'max-age=0'])(
    'keeps them for no less than five minutes under %s',
    async (cacheControl) => {
      await using issuer = await startScriptedIssuer()
      issuer.headers = { 'cache-control': cacheControl }
      await issuer.guard.ready()
      issuer.clock.advance(4 * MINUTE - 1)
      await issuer.ask(issuer.mint.token())
      expect(issuer.keyRequests()).toHaveLength(1)
      issuer.clock.advance(MINUTE + 1)
      await issuer.ask(issuer.mint.token())
      expect(issuer.keyRequests()).toHaveLength(2)
    },
  )

  it('keeps them as long as Cache-Control says, but no more than a day', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.headers = { 'cache-control': 'public, max-age=31536000' }
    await issuer.guard.ready()
    issuer.clock.advance(19 * 60 * MINUTE)
    await issuer.ask(issuer.mint.token())
    expect(issuer.keyRequests()).toHaveLength(1)
    issuer.clock.advance(5 * 60 * MINUTE)
    await issuer.ask(issuer.mint.token())
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it('renews ahead of need without letting anyone wait, with one load for all', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const [asked, held] = [gate(), gate()]
    issuer.respond(async () => {
      asked.open()
      await held.opened
      return Response.json(issuer.mint.jwks)
    })
    issuer.clock.advance(9 * MINUTE)
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => issuer.ask(issuer.mint.token())),
    )
    expect(new Set(answers)).toEqual(new Set(['allowed']))
    await asked.opened
    expect(issuer.events.filter(({ type }) => type === 'loaded')).toHaveLength(1)
    held.open()
    await issuer.told('loaded', 2)
    issuer.clock.advance(7 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it('asks with the entity tag it has, and takes 304 for another term', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.headers = { etag: '"one"' }
    await issuer.guard.ready()
    issuer.respond((request) =>
      request.headers.get('if-none-match') === '"one"'
        ? new Response(null, { status: 304 })
        : new Response('changed', { status: 500 }),
    )
    issuer.clock.advance(11 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.clock.advance(7 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(2)
    issuer.clock.advance(4 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(3)
    expect(issuer.events).not.toContainEqual(expect.objectContaining({ type: 'load_failed' }))
  })

  it('replaces the whole set: a withdrawn key is refused after the next load [field:51] [field:54]', async () => {
    await using issuer = await startScriptedIssuer()
    const next = issuer.newMint('next')
    await issuer.guard.ready()
    issuer.publish(next)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.clock.advance(11 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    expect(await issuer.ask(next.token())).toBe('allowed')
  })

  it('trusts nothing when the issuer publishes an empty set', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.publish()
    issuer.clock.advance(11 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
  })

  it('renews when the clock has been set back', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.clock.advance(-24 * 60 * MINUTE)
    await issuer.ask(issuer.mint.token())
    await issuer.told('loaded', 2)
    expect(issuer.keyRequests()).toHaveLength(2)
  })
})
