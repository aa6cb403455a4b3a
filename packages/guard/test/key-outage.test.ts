import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, bearer, startScriptedIssuer } from './scripted-issuer.ts'
import { UNTRUSTED } from './untrusted-certificate.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const down = (): Response => new Response('down', { status: 502 })

describe('a guard whose issuer is down', () => {
  it('answers 503 with Retry-After, never 401, while it has no key at all', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.respond(down)
    const verdict = await issuer.guard(bearer(issuer.mint.token()))
    expect(verdict).toEqual({
      allowed: false,
      status: 503,
      challenge: undefined,
      reason: 'keys_unavailable',
      retryAfter: 2,
    })
  })

  it('goes on with the keys it has until the stale bound, then answers 503, then recovers [field:55]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.respond(down)
    issuer.clock.advance(10 * MINUTE + HOUR - 1)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(issuer.events).toContainEqual({
      type: 'stale',
      document: 'keys',
      staleUntil: issuer.clock.now() + 1,
      issuer: issuer.origin,
    })
    issuer.clock.advance(1)
    expect(await issuer.ask(issuer.mint.token())).toBe('503 keys_unavailable')
    issuer.respond(undefined)
    issuer.clock.advance(MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
  })

  it('serves an API through an hour of it, then answers 503 with Retry-After over the wire, and recovers by itself [field:54] [field:55]', async () => {
    await using issuer = await startScriptedIssuer()
    await using api = await startLoopbackServer(
      guarded(issuer.guard, {}, () => new Response('reached')),
    )
    const call = async (): Promise<string> => {
      const headers = { authorization: `Bearer ${issuer.mint.token()}` }
      const response = await fetch(api.origin, { headers })
      await response.body?.cancel()
      const { status } = response
      return status === 200 ? '200' : `${status} ${response.headers.get('retry-after')}`
    }
    await issuer.guard.ready()
    issuer.respond(down)
    // Ten minutes of fresh keys, of which the outage takes the last ones, and the stale hour.
    for (let second = 0; second < 70 * 60; second += 15) {
      expect(await call()).toBe('200')
      issuer.clock.advance(15_000)
    }
    // From 8 minutes on, when a renewal is first due, one try a minute, and a few in the first.
    expect(issuer.keyRequests().length).toBeLessThanOrEqual(1 + 62 + 6)
    for (let minute = 0; minute < 10; minute++) {
      expect(await call()).toMatch(/^503 ([1-9]|[1-5]\d|60)$/)
      issuer.clock.advance(MINUTE)
    }
    issuer.respond(undefined)
    expect(await call()).toBe('200')
  })

  it('lets nobody with a known key wait for an endpoint that hangs [field:54]', async () => {
    await using issuer = await startScriptedIssuer({ timeout: 60_000 })
    await issuer.guard.ready()
    issuer.respond(() => new Promise(() => {}))
    issuer.clock.advance(9 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    const stranger = issuer.ask(issuer.newMint('stranger').token())
    for (let i = 0; i < 10; i++) expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(await Promise.race([stranger, Promise.resolve('waits')])).toBe('waits')
  })

  it('takes no keys from a server that TLS does not vouch for, and has no option for that [field:59]', async () => {
    await using issuer = await startScriptedIssuer()
    const asked: string[] = []
    const tls = createServer(UNTRUSTED, (request, response) => {
      asked.push(request.url ?? '')
      response.setHeader('content-type', 'application/json').end(JSON.stringify(issuer.mint.jwks))
    })
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
    const { port } = tls.address() as AddressInfo
    const faults: string[] = []
    const options = {
      issuer: issuer.origin,
      audience: AUDIENCE,
      jwksUri: `https://127.0.0.1:${port}/jwks`,
      now: issuer.clock.now,
    }
    const guard = createGuard({
      ...options,
      onEvent: (event) => faults.push(event.type === 'load_failed' ? event.fault : event.type),
    })
    expect(await guard(bearer(issuer.mint.token()))).toMatchObject({ status: 503 })
    expect(faults).toEqual(['network', 'denied'])
    expect(asked).toEqual([])
    for (const name of ['rejectUnauthorized', 'insecure', 'tlsVerify', 'verify', 'ssl_verify']) {
      expect(() => createGuard({ ...options, [name]: false })).toThrow(name)
    }
    await new Promise((resolve) => tls.close(resolve))
  })

  it('uses no stale key where staleFor is 0', async () => {
    await using issuer = await startScriptedIssuer({ staleFor: 0 })
    await issuer.guard.ready()
    issuer.respond(down)
    issuer.clock.advance(10 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('503 keys_unavailable')
  })

  it('leaves longer and longer pauses, from one second to one minute', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.respond(down)
    const pauses: number[] = []
    for (let failure = 1; failure <= 9; failure++) {
      await issuer.ask(issuer.mint.token())
      const event = issuer.events.findLast(({ type }) => type === 'load_failed')
      if (event?.type !== 'load_failed') throw new Error('no load failed')
      expect(event).toMatchObject({ document: 'keys', fault: 'status', failures: failure })
      const pause = event.retryAt - issuer.clock.now()
      pauses.push(pause)
      // One millisecond early nobody asks again; a hundred callers do not either.
      issuer.clock.advance(pause - 1)
      await Promise.all(Array.from({ length: 100 }, () => issuer.ask(issuer.mint.token())))
      expect(issuer.keyRequests()).toHaveLength(failure)
      issuer.clock.advance(1)
    }
    for (const [index, pause] of pauses.entries()) {
      const base = Math.min(1000 * 2 ** index, MINUTE)
      expect(pause).toBeGreaterThanOrEqual(base)
      expect(pause).toBeLessThanOrEqual(Math.min(base * 1.2, MINUTE))
    }
  })

  it('pauses between renewals ahead of need too', async () => {
    let loads = 0
    const countingFetch: typeof fetch = (input, init) => {
      loads++
      return fetch(input, init)
    }
    await using issuer = await startScriptedIssuer({ fetch: countingFetch })
    await issuer.guard.ready()
    issuer.respond(down)
    issuer.clock.advance(9 * MINUTE)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    await issuer.told('load_failed')
    for (let i = 0; i < 20; i++) expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    expect(loads).toBe(2)
  })

  it('honours Retry-After and passes it on', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.respond(() => new Response(null, { status: 503, headers: { 'retry-after': '90' } }))
    const verdict = await issuer.guard(bearer(issuer.mint.token()))
    expect(verdict).toMatchObject({ status: 503, retryAfter: 90 })
    issuer.clock.advance(89_000)
    expect(await issuer.guard(bearer(issuer.mint.token()))).toMatchObject({ retryAfter: 1 })
    expect(issuer.keyRequests()).toHaveLength(1)
  })

  it('bounds a Retry-After without end to five minutes', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.respond(
      () => new Response(null, { status: 503, headers: { 'retry-after': '9999999999' } }),
    )
    expect(await issuer.guard(bearer(issuer.mint.token()))).toMatchObject({ retryAfter: 300 })
  })

  it('calls an unknown key an outage when the issuer cannot be asked about it [field:50]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.respond(down)
    const next = issuer.newMint('next')
    expect(await issuer.ask(next.token())).toBe('503 keys_unavailable')
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    issuer.respond(undefined)
    issuer.publish(issuer.mint, next)
    issuer.clock.advance(2000)
    expect(await issuer.ask(next.token())).toBe('allowed')
  })

  it('does not spend the miss budget on loads that fail [field:57]', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    issuer.respond(down)
    // Three failures and their pauses fit into less time than the budget needs to earn one load.
    for (const pause of [2000, 3000, 5000]) {
      await issuer.ask(issuer.newMint(`stranger-${pause}`).token())
      issuer.clock.advance(pause)
    }
    expect(issuer.keyRequests()).toHaveLength(1 + 3)
    issuer.respond(undefined)
    for (const kid of ['a', 'b', 'c', 'd']) await issuer.ask(issuer.newMint(kid).token())
    expect(issuer.keyRequests()).toHaveLength(1 + 3 + 3)
  })

  it('refuses ready() with a code, and lets it be called again', async () => {
    await using issuer = await startScriptedIssuer()
    issuer.respond(down)
    await expect(issuer.guard.ready()).rejects.toMatchObject({
      name: 'GuardError',
      code: 'ERR_KEYS_UNAVAILABLE',
      retryable: true,
    })
    issuer.respond(undefined)
    issuer.clock.advance(2000)
    await expect(issuer.guard.ready()).resolves.toBeUndefined()
  })

  it('gives up on an endpoint that never answers, even if fetch does not heed its signal', async () => {
    const deaf = createGuard({
      issuer: 'https://as.example',
      audience: AUDIENCE,
      jwksUri: 'https://as.example/jwks',
      timeout: 20,
      fetch: () => new Promise(() => {}),
      onEvent: (event) => faults.push(event.type === 'load_failed' ? event.fault : event.type),
    })
    const faults: string[] = []
    await expect(deaf.ready()).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' })
    expect(faults).toEqual(['timeout'])
  })

  it('gives up on a body that never ends', async () => {
    await using issuer = await startScriptedIssuer({ timeout: 100 })
    issuer.respond(
      () =>
        new Response(
          new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array([0x7b])) }),
          { headers: { 'content-type': 'application/json' } },
        ),
    )
    await expect(issuer.guard.ready()).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' })
    expect(issuer.events).toContainEqual(expect.objectContaining({ fault: 'timeout' }))
  })
})
