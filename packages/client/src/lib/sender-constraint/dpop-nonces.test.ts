import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { client, server } from '../../../test/answering-endpoint.ts'
import { checkProof } from '../../../test/dpop-check.ts'
import {
  challenge,
  changingNonces,
  dpopApi,
  dpopTokenEndpoint,
  NO_NONCES,
  ONE_NONCE,
  type DpopServer,
} from '../../../test/dpop-servers.ts'
import { AccessToken } from '../access-token.ts'
import { authorizedFetch } from '../attach/authorized-fetch.ts'
import { privateKeyJwt } from '../client-authentication/private-key-jwt.ts'
import { createClient } from '../create-client.ts'
import { dpop } from './dpop.ts'
import type { NonceStore } from './nonce-store.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** Calls with one token that is bound by this constraint. */
function calling(senderConstraint: SenderConstraint = dpop()) {
  const init = { value: 'at-1', type: 'DPoP', obtainedAt: Date.now(), senderConstraint } as const
  const token = new AccessToken(init)
  return authorizedFetch(async () => token)
}

function nonces({ proofs }: DpopServer): unknown[] {
  return proofs.map(({ claims }) => claims['nonce'])
}

describe('dpop at a token endpoint that wants nonces', () => {
  it('tries once more with the nonce, and has it for the next time [std:211] [std:212]', async () => {
    const endpoint = await dpopTokenEndpoint(ONE_NONCE)
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    expect((await auth.getToken()).type).toBe('DPoP')
    expect(nonces(endpoint)).toEqual([undefined, 'n-1'])
    await auth.getToken({ scope: 'other' })
    expect(nonces(endpoint)).toEqual([undefined, 'n-1', 'n-1'])
  })

  it('takes the nonce of a success too [std:211]', async () => {
    const endpoint = await dpopTokenEndpoint({ takes: () => true, gives: () => 'from-success' })
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    await auth.getToken()
    await auth.getToken({ scope: 'other' })
    expect(nonces(endpoint)).toEqual([undefined, 'from-success'])
  })

  it('keeps the nonce of the second answer as well, and of 20 requests at once', async () => {
    const endpoint = await dpopTokenEndpoint(changingNonces())
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    await auth.getToken()
    await auth.getToken({ scope: 'other' })
    expect(nonces(endpoint)).toEqual([undefined, 'n-1', 'n-2'])
    const cold = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    const scopes = Array.from({ length: 20 }, (_, i) => `scope-${i}`)
    await Promise.all(scopes.map((scope) => cold.getToken({ scope })))
    expect(endpoint.challenges()).toBe(2)
  })

  it('makes a client assertion of its own for the second try', async () => {
    const endpoint = await dpopTokenEndpoint(ONE_NONCE)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const auth = createClient({
      clientId: 'billing',
      tokenEndpoint: endpoint.origin,
      clientAuthentication: privateKeyJwt({ key: privateKey.export({ format: 'jwk' }) }),
      senderConstraint: dpop(),
    })
    await auth.getToken()
    const assertions = endpoint.requests.map(({ body }) =>
      new URLSearchParams(body).get('client_assertion'),
    )
    expect(assertions).toEqual([expect.any(String), expect.any(String)])
    expect(assertions[0]).not.toBe(assertions[1])
  })

  it('does not loop at a server that is never content [std:212]', async () => {
    const endpoint = await dpopTokenEndpoint({ ...changingNonces(), takes: () => false })
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    await expect(auth.getToken()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      oauth: { error: 'use_dpop_nonce' },
    })
    expect(endpoint.requests).toHaveLength(2)
  })

  it('does not try again without a nonce to try with', async () => {
    const endpoint = await dpopTokenEndpoint({ takes: () => false })
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    await expect(auth.getToken()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(endpoint.requests).toHaveLength(1)
  })
})

describe('dpop at an API that wants nonces', () => {
  it('tries once more with the nonce, and has it for the next call [std:211] [std:212]', async () => {
    const api = await dpopApi(ONE_NONCE, (request) => new Response(request.body))
    const call = calling()
    const init = { method: 'POST', body: 'again' }
    expect(await (await call(`${api.origin}/a`, init)).text()).toBe('again')
    expect(await (await call(`${api.origin}/b`, init)).text()).toBe('again')
    expect(nonces(api)).toEqual([undefined, 'n-1', 'n-1'])
  })

  it('keeps the newest nonce of every answer, the one of the second try included', async () => {
    const api = await dpopApi(changingNonces())
    const call = calling()
    for (let i = 0; i < 3; i++) expect((await call(api.origin)).status).toBe(200)
    expect(nonces(api)).toEqual([undefined, 'n-1', 'n-2', 'n-3'])
  })

  it('keeps the nonces of the two roles, of origins and of keys apart [std:211]', async () => {
    const held = new Map<string, string>()
    const nonceStore: NonceStore = {
      get: (key) => held.get(key),
      set: (k, v) => void held.set(k, v),
    }
    const constraint = dpop({ nonceStore })
    const endpoint = await dpopTokenEndpoint({ ...ONE_NONCE, gives: () => 'n-1' })
    const one = await dpopApi({ takes: (nonce) => nonce === 'one', gives: () => 'one' })
    const two = await dpopApi({ takes: (nonce) => nonce === 'two', gives: () => 'two' })
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: constraint,
    })
    for (const { origin } of [one, two, one, two]) {
      expect((await auth.fetch(origin)).status).toBe(200)
    }
    expect(nonces(one)).toEqual([undefined, 'one', 'one'])
    expect(nonces(two)).toEqual([undefined, 'two', 'two'])
    const binding = await constraint.binding()
    expect(Object.fromEntries(held)).toEqual({
      [`authorization_server ${endpoint.origin} ${binding}`]: 'n-1',
      [`resource ${one.origin} ${binding}`]: 'one',
      [`resource ${two.origin} ${binding}`]: 'two',
    })
    await calling(dpop({ nonceStore }))(one.origin)
    expect(nonces(one).at(-2)).toBe(undefined)
  })

  it('lets 50 calls at once succeed where every answer brings another nonce, with one challenge', async () => {
    const api = await dpopApi(changingNonces())
    const call = calling()
    for (let round = 1; round <= 2; round++) {
      const all = await Promise.all(Array.from({ length: 50 }, () => call(api.origin)))
      expect(all.every(({ status }) => status === 200)).toBe(true)
    }
    expect([api.challenges(), api.requests.length]).toEqual([1, 101])
  })

  it('lets 50 calls succeed when the nonce ends midway', async () => {
    let wanted = 1
    const api = await dpopApi({
      takes: (nonce) => nonce === `n-${wanted}`,
      gives: () => `n-${wanted}`,
    })
    const call = calling()
    for (const round of [1, 2]) {
      wanted = round
      const all = await Promise.all(Array.from({ length: 50 }, () => call(api.origin)))
      expect(all.every(({ status }) => status === 200)).toBe(true)
    }
    expect(api.requests.length).toBeLessThanOrEqual(51 + 100)
  })

  it.each([
    ['changes its nonce at each answer and takes none', changingNonces().gives, 2],
    ['gives the nonce that it refuses again', () => 'always', 2],
    ['gives none', () => undefined, 1],
    ['gives one that is no nonce', () => 'two words', 1],
    ['gives one without end', () => 'n'.repeat(1025), 1],
  ])('sends %2$i requests to an API that %s [std:212]', async (_, gives, most) => {
    const api = await dpopApi({ takes: () => false, gives: gives ?? (() => undefined) })
    const response = await calling()(api.origin)
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('no')
    expect(api.requests).toHaveLength(most)
  })

  it('does not try again with a nonce that was refused in this very request', async () => {
    const api = await dpopApi({ takes: () => false, gives: () => 'always' })
    const call = calling()
    await call(api.origin)
    await call(api.origin)
    expect(nonces(api)).toEqual([undefined, 'always', 'always'])
  })

  it('does not send a stream twice for a nonce, and has the nonce for the next one', async () => {
    const api = await dpopApi(ONE_NONCE)
    async function* chunks() {
      yield new TextEncoder().encode('x')
    }
    for (const body of [chunks, () => new Blob(['x']).stream()]) {
      const call = calling()
      const init = () =>
        ({ method: 'POST', body: body(), duplex: 'half' }) as unknown as RequestInit
      expect((await call(api.origin, init())).status).toBe(401)
      expect((await call(api.origin, init())).status).toBe(200)
    }
    expect(api.requests).toHaveLength(4)
  })

  it('is not failed by a nonce store that fails', async () => {
    const fail = () => {
      throw new Error('store is down')
    }
    const api = await dpopApi(NO_NONCES)
    expect((await calling(dpop({ nonceStore: { get: fail, set: fail } }))(api.origin)).status).toBe(
      200,
    )
    const promises = { get: async () => 'n-1', set: async () => {} } as never
    expect((await calling(dpop({ nonceStore: promises }))(api.origin)).status).toBe(200)
    expect(nonces(api)).toEqual([undefined, undefined])
  })

  it('reads the error of the DPoP challenge, and of no other', async () => {
    const api = await server((request) => {
      checkProof(request, 'at-1')
      const value =
        'Other error="use_dpop_nonce", Bearer x="DPoP error=use_dpop_nonce", DPoP error="insufficient_scope"'
      const headers = { 'www-authenticate': value, 'dpop-nonce': 'n-1' }
      return new Response('no', { status: 401, headers })
    })
    expect((await calling()(api.origin)).status).toBe(401)
    expect(api.requests).toHaveLength(1)
    const forbidding = await server(() => {
      const { headers } = challenge('use_dpop_nonce', { 'dpop-nonce': 'n-1' })
      return new Response('no', { status: 403, headers })
    })
    expect((await calling()(forbidding.origin)).status).toBe(403)
    expect(forbidding.requests).toHaveLength(1)
  })
})
