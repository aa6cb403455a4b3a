import { describe, expect, it } from 'vitest'
import { listener } from '../../../test/answering-endpoint.ts'
import { changingNonces, dpopApi } from '../../../test/dpop-servers.ts'
import { AccessToken } from '../access-token.ts'
import { authorizedFetch } from '../attach/authorized-fetch.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import type { PublicJwk } from '../jose/public-jwk.ts'
import type { ExternalSigningKey } from '../jose/signing-key.ts'
import { waitFor } from '../reuse/wait-for.ts'
import { dpop } from './dpop.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** Less than the moment that calls wait for the first one, and long enough for calls without a socket. */
const SOON = 1500

/** Calls with one token that is bound by this constraint. */
function calling(senderConstraint: SenderConstraint = dpop(), fetch?: FetchFunction) {
  const init = { value: 'at-1', type: 'DPoP', obtainedAt: Date.now(), senderConstraint } as const
  const token = new AccessToken(init)
  return authorizedFetch(async () => token, fetch === undefined ? {} : { fetch })
}

/** How many of them did. Which call goes first is chance: the one whose key is ready first. */
function succeeded(outcomes: readonly PromiseSettledResult<Response>[]): number {
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

describe('dpop at a server not seen before', () => {
  it('takes one challenge for 50 calls that begin at once', async () => {
    const api = await dpopApi(changingNonces())
    const call = calling()
    const all = await Promise.all(Array.from({ length: 50 }, () => call(api.origin)))
    expect(all.every(({ status }) => status === 200)).toBe(true)
    expect(api.challenges()).toBe(1)
    expect(api.requests).toHaveLength(51)
  })

  it('holds back nobody at an API that is known to want none', async () => {
    let arrived = 0
    const { promise: allArrived, resolve } = Promise.withResolvers<void>()
    const call = calling(dpop(), async () => {
      if (++arrived === 1) return new Response('ok')
      if (arrived === 11) resolve()
      await allArrived
      return new Response('ok')
    })
    await call('https://api.example/')
    const all = Promise.all(Array.from({ length: 10 }, () => call('https://api.example/')))
    await expect(waitFor(all, AbortSignal.timeout(SOON))).resolves.toHaveLength(10)
  })

  it('lets the others go when the first call fails', async () => {
    let fails = true
    const call = calling(dpop(), async () => {
      if (!fails) return new Response('ok')
      fails = false
      throw new TypeError('fetch failed')
    })
    const calls = [1, 2, 3].map(() => call('https://api.example/'))
    const outcomes = await waitFor(Promise.allSettled(calls), AbortSignal.timeout(SOON))
    expect(succeeded(outcomes)).toBe(2)
  })

  it('lets the others go when the first proof cannot be made', async () => {
    const pair = await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify'])
    const publicJwk = (await crypto.subtle.exportKey('jwk', pair.publicKey)) as PublicJwk
    let fails = true
    const key: ExternalSigningKey = {
      alg: 'Ed25519',
      publicJwk,
      async sign(data) {
        const failsThis = fails
        fails = false
        if (failsThis) throw new Error('the KMS is busy')
        return new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, data))
      },
    }
    const call = calling(dpop({ key }), async () => new Response('ok'))
    const calls = [1, 2, 3].map(() => call('https://api.example/'))
    const outcomes = await waitFor(Promise.allSettled(calls), AbortSignal.timeout(SOON))
    expect(succeeded(outcomes)).toBe(2)
  })

  it('does not take a gateway for the server: after its 503 one call still goes first', async () => {
    let isUp = false
    const api = await dpopApi(changingNonces())
    const call = calling(dpop(), (input, init) =>
      isUp ? fetch(input, init) : Promise.resolve(new Response(null, { status: 503 })),
    )
    await call(api.origin)
    isUp = true
    await Promise.all(Array.from({ length: 10 }, () => call(api.origin)))
    expect(api.challenges()).toBe(1)
  })

  it('lets the others go when the first caller leaves', async () => {
    const leaving = new AbortController()
    const call = calling(dpop(), async (_, init) => {
      if (init?.signal !== leaving.signal) return new Response('ok')
      leaving.abort(new Error('left'))
      throw leaving.signal.reason
    })
    const first = call('https://api.example/', { signal: leaving.signal })
    const second = call('https://api.example/')
    await expect(first).rejects.toThrow('left')
    expect((await waitFor(second, AbortSignal.timeout(SOON))).status).toBe(200)
  })

  it('ends the wait of a call by its own signal', async () => {
    let requests = 0
    const { promise: arrived, resolve } = Promise.withResolvers<void>()
    const hanging = await listener(() => {
      requests++
      resolve()
    })
    const ends = new AbortController()
    const call = calling()
    const first = call(hanging.origin, { signal: ends.signal })
    await arrived
    const leaving = new AbortController()
    const second = call(hanging.origin, { signal: leaving.signal })
    leaving.abort(new Error('left'))
    await expect(second).rejects.toThrow('left')
    expect(requests).toBe(1)
    ends.abort(new Error('ended'))
    await expect(first).rejects.toThrow('ended')
  })

  it('goes ahead after a moment when the first gets no answer, one before the others', async () => {
    const constraint = dpop()
    const api = await dpopApi(changingNonces())
    const request = { role: 'resource', method: 'GET', url: new URL(api.origin) } as const
    await constraint.headers(request)
    // The moment passes.
    constraint.abandon?.(await constraint.headers(request))
    const call = calling(constraint)
    await Promise.all(Array.from({ length: 10 }, () => call(api.origin)))
    expect(api.challenges()).toBe(1)
  })
})
