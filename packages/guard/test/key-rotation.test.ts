import type { LoopbackHandler } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { handDeadlines } from './hand-deadlines.ts'
import { gate, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const MINUTE = 60_000

/** What is wrong with an answer in place of the new set, and what a guard calls it. */
const BROKEN: readonly (readonly [name: string, fault: string, respond: LoopbackHandler])[] = [
  ['500', 'status', () => new Response('oops', { status: 500 })],
  ['404', 'status', () => new Response('gone', { status: 404 })],
  ['a cut connection', 'network', () => Response.error()],
  ['302', 'redirect', () => Response.redirect('http://127.0.0.1:1/jwks', 302)],
  ['a page of HTML', 'content_type', () => html('<h1>Maintenance</h1>')],
  ['HTML that says it is JSON', 'not_json', () => json('<h1>Maintenance</h1>')],
  ['10 MB with a length', 'too_large', () => json(' '.repeat(10 * 1024 * 1024))],
  ['10 MB without a length', 'too_large', () => endless(10 * 1024)],
  ['JSON of a hundred levels', 'not_json', () => json('{"keys":'.repeat(100) + '}'.repeat(100))],
  ['a list', 'not_json', () => json('[]')],
  ['no keys', 'unacceptable', () => json('{}')],
  ['keys that are no list', 'unacceptable', () => json('{"keys":{}}')],
  ['a symmetric key', 'unacceptable', () => json('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}')],
]

function json(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'application/json' } })
}

function html(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'text/html' } })
}

/** A body of so many KiB that does not say how long it is. */
function endless(kibibytes: number): Response {
  let left = kibibytes
  const body = new ReadableStream({
    pull(stream) {
      if (left-- > 0) stream.enqueue(new Uint8Array(1024).fill(0x20))
      else stream.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/json' } })
}

function faults({ events }: ScriptedIssuer): readonly string[] {
  return events.flatMap((event) => (event.type === 'load_failed' ? [event.fault] : []))
}

describe('a guard whose issuer rotates its keys', () => {
  it('takes a key that is published early up with no load but the scheduled ones', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const next = issuer.newMint('next')
    issuer.publish(issuer.mint, next)
    // At nine minutes a renewal is due; nobody waits for it.
    issuer.clock.advance(9 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    await issuer.told('loaded', 2)
    const answers = await Promise.all(Array.from({ length: 100 }, () => issuer.ask(next.token())))
    expect(new Set(answers)).toEqual(new Set(['allowed']))
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.publish(next)
    issuer.clock.advance(11 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    expect(issuer.keyRequests()).toHaveLength(3)
  })

  it('takes a key that signs at once up with one load, and the old one goes with it [field:51]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const next = issuer.newMint('next')
    issuer.publish(next)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(await issuer.ask(next.token())).toBe('allowed')
    // The set that brought the new key has not the old one: it is replaced whole, never merged.
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    expect(await issuer.ask(next.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(3)
  })

  it('tries both keys where a set has one kid twice', async () => {
    await using issuer = await startScriptedIssuer()
    const twin = issuer.newMint('first')
    issuer.publish(issuer.mint, twin)
    await issuer.guard.ready()
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(await issuer.ask(twin.token())).toBe('allowed')
    expect(await issuer.ask(issuer.newMint('first').token())).toBe('401 bad_signature')
    // One look for a replaced key, for the forged one alone.
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it('trusts nothing while the set is empty, and goes on when it has keys again', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.publish()
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    issuer.publish(issuer.mint)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it.each(BROKEN)(
    'keeps the good set while the answer is %s, and replaces it when it is mended [field:50] [field:53]',
    async (_name, fault, respond) => {
      await using issuer = await startScriptedIssuer()
      await issuer.guard.ready()
      const next = issuer.newMint('next')
      issuer.publish(next)
      issuer.respond(respond)
      // Asked out of turn for an unknown key, and again once the set is no longer fresh.
      expect(await issuer.ask(next.token())).toBe('503 keys_unavailable')
      expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
      issuer.clock.advance(11 * MINUTE)
      expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
      expect(faults(issuer)).toEqual([fault, fault])
      issuer.respond(undefined)
      issuer.clock.advance(MINUTE)
      expect(await issuer.ask(next.token())).toBe('allowed')
      expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
      // The last one is for the withdrawn key, whose token came after the load. A connection that
      // breaks is tried once more.
      const tries = fault === 'network' ? 2 : 1
      expect(issuer.keyRequests()).toHaveLength(1 + 2 * tries + 1 + 1)
    },
  )

  it('keeps the good set while a body comes too slowly, and lets nobody wait for a renewal', async () => {
    let answered = gate()
    const noted: typeof fetch = async (input, init) => {
      const response = await fetch(input, init)
      answered.open()
      return response
    }
    await using issuer = await startScriptedIssuer({ timeout: 1234, fetch: noted })
    // Each deadline passes by hand, however long the machine takes to get there.
    const deadlines = handDeadlines()
    await issuer.guard.ready()
    answered = gate()
    const slow = new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([0x7b])) })
    issuer.respond(() => new Response(slow, { headers: { 'content-type': 'application/json' } }))
    issuer.clock.advance(9 * MINUTE)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => issuer.ask(issuer.mint.token())),
    )
    expect(new Set(answers)).toEqual(new Set(['allowed']))
    expect(faults(issuer)).toEqual([])
    expect(deadlines.set).toEqual([1234, 1234])
    await answered.opened
    deadlines.pass()
    await issuer.told('load_failed')
    expect(faults(issuer)).toEqual(['timeout'])
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it('skips keys it cannot use and takes the others of the same set [field:54]', async () => {
    await using issuer = await startScriptedIssuer()
    const next = issuer.newMint('next')
    const { kid } = issuer.mint
    issuer.publish(
      { jwk: { kty: 'new', kid } },
      { jwk: { ...issuer.mint.jwk, use: 'enc' } },
      { jwk: { ...issuer.mint.jwk, key_ops: ['encrypt'] } },
      { jwk: { ...issuer.mint.jwk, alg: 'RS256' } },
      { jwk: { ...issuer.mint.jwk, kid: 'k'.repeat(257) } },
      { jwk: { ...issuer.mint.jwk, kid: 7 } },
      next,
    )
    expect(await issuer.ask(next.token())).toBe('allowed')
    expect(await issuer.ask(issuer.mint.token())).toBe('401 unknown_key')
    expect(await issuer.ask(issuer.mint.token({ header: { kid: 'k'.repeat(257) } }))).toBe(
      '401 malformed_token',
    )
  })
})
