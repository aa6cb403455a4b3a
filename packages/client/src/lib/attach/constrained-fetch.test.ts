import { describe, expect, it } from 'vitest'
import { client, server } from '../../../test/answering-endpoint.ts'
import { checkProof } from '../../../test/dpop-check.ts'
import { challenge, dpopApi, dpopTokenEndpoint, NO_NONCES } from '../../../test/dpop-servers.ts'
import { AccessToken } from '../access-token.ts'
import { createClient } from '../create-client.ts'
import { dpop } from '../sender-constraint/dpop.ts'
import { authorizedFetch } from './authorized-fetch.ts'

/** A token endpoint whose tokens are `at-1`, `at-2` and so on, and a client of it. */
async function boundClient() {
  let tokens = 0
  const endpoint = await dpopTokenEndpoint(NO_NONCES, () => ({
    access_token: `at-${++tokens}`,
    token_type: 'DPoP',
    expires_in: 600,
  }))
  const auth = createClient({ ...client, tokenEndpoint: endpoint.origin, senderConstraint: dpop() })
  return { auth, endpoint }
}

/** An API that first wants a nonce and refuses `at-1`, in this order or the other. */
async function demanding(order: 'nonce first' | 'token first') {
  return server((request) => {
    const token = request.headers.get('authorization')?.replace('DPoP ', '') ?? ''
    const { claims } = checkProof(request, token)
    const lacksNonce = claims['nonce'] !== 'n-1'
    const faults = [
      ...(lacksNonce ? [challenge('use_dpop_nonce', { 'dpop-nonce': 'n-1' })] : []),
      ...(token === 'at-1' ? [challenge('invalid_token')] : []),
    ]
    const fault = order === 'nonce first' ? faults.at(0) : faults.at(-1)
    return fault ?? new Response(token)
  })
}

describe('authorizedFetch with tokens bound by DPoP', () => {
  it.each(['nonce first', 'token first'] as const)(
    'masters a missing nonce and a refused token in one call: %s',
    async (order) => {
      const { auth, endpoint } = await boundClient()
      const api = await demanding(order)
      const response = await auth.fetch(api.origin, { method: 'PUT', body: 'x' })
      expect(await response.text()).toBe('at-2')
      expect(api.requests).toHaveLength(3)
      expect(endpoint.requests).toHaveLength(2)
    },
  )

  it('sends three requests at most, whatever is answered', async () => {
    let answers = 0
    const api = await server(() => {
      const error = ++answers % 2 === 1 ? 'use_dpop_nonce' : 'invalid_token'
      return challenge(error, { 'dpop-nonce': `n-${answers}` })
    })
    const { auth, endpoint } = await boundClient()
    const response = await auth.fetch(api.origin)
    expect(response.status).toBe(401)
    expect(await response.text()).toBe('no')
    expect(api.requests).toHaveLength(3)
    expect(endpoint.requests).toHaveLength(2)
  })

  it('makes one renewal for 100 calls whose bound token was refused', async () => {
    const { auth, endpoint } = await boundClient()
    const api = await dpopApi(NO_NONCES, (request) =>
      request.headers.get('authorization') === 'DPoP at-1'
        ? challenge('invalid_token')
        : new Response('ok'),
    )
    const all = await Promise.all(Array.from({ length: 100 }, () => auth.fetch(api.origin)))
    expect(all.every(({ status }) => status === 200)).toBe(true)
    expect(endpoint.requests).toHaveLength(2)
  })

  it('does not renew for want of a nonce, though a Bearer challenge stands beside it', async () => {
    const { auth, endpoint } = await boundClient()
    const api = await server(() => {
      const headers = { 'www-authenticate': 'Bearer realm="x", DPoP error="use_dpop_nonce"' }
      return new Response('no', { status: 401, headers })
    })
    expect((await auth.fetch(api.origin)).status).toBe(401)
    expect(api.requests).toHaveLength(1)
    expect(endpoint.requests).toHaveLength(1)
  })

  it('makes a proof for each address of a redirect within the origin', async () => {
    const { auth } = await boundClient()
    const api = await dpopApi(NO_NONCES, (request) =>
      new URL(request.url).pathname === '/old'
        ? new Response(null, { status: 303, headers: { location: '/new?y=2' } })
        : new Response(request.method),
    )
    const response = await auth.fetch(`${api.origin}/old`, { method: 'POST', body: 'x' })
    expect(await response.text()).toBe('GET')
    expect(api.proofs.map(({ claims }) => [claims['htm'], claims['htu']])).toEqual([
      ['POST', `${api.origin}/old`],
      ['GET', `${api.origin}/new`],
    ])
  })

  it('takes neither token nor proof to another origin', async () => {
    const { auth } = await boundClient()
    const other = await server(() => new Response('ok'))
    const api = await server(() => Response.redirect(`${other.origin}/steal`, 307))
    await expect(auth.fetch(api.origin)).rejects.toMatchObject({
      code: 'ERR_CROSS_ORIGIN_REDIRECT',
    })
    expect(other.requests).toEqual([])
  })

  it('proves the method as it goes over the wire', async () => {
    const { auth } = await boundClient()
    const api = await dpopApi(NO_NONCES, (request) => new Response(request.method))
    for (const method of ['get', 'Post', 'PATCH', 'QUERY']) {
      expect((await auth.fetch(api.origin, { method })).status).toBe(200)
    }
    const request = new Request(`${api.origin}/a?x=1#y`, { method: 'DELETE' })
    expect(await (await auth.fetch(request)).text()).toBe('DELETE')
    // Of all common methods fetch leaves this one as it is written.
    const sent: (string | null)[] = []
    const call = authorizedFetch(auth.source, {
      async fetch(_, init) {
        sent.push(new Headers(init?.headers).get('dpop'))
        return new Response()
      },
    })
    await call('https://api.example/a', { method: 'patch' })
    const headers = new Headers({ dpop: sent[0] ?? '' })
    checkProof({ method: 'patch', url: 'https://api.example/a', headers }, 'at-1')
  })

  it('replaces a proof that the caller brings', async () => {
    const { auth } = await boundClient()
    const api = await dpopApi()
    const response = await auth.fetch(api.origin, { headers: { DPoP: 'mine', 'x-a': 'b' } })
    expect(response.status).toBe(200)
    expect(api.requests[0]?.headers.get('x-a')).toBe('b')
  })

  const bound = { value: 'a', obtainedAt: 0, senderConstraint: dpop() }
  it.each<[string, AccessToken]>([
    ['without its constraint', new AccessToken({ value: 'a', type: 'DPoP', obtainedAt: 0 })],
    ['that was bound and is called Bearer', new AccessToken({ ...bound, type: 'Bearer' })],
    [
      'that is to go under another scheme',
      new AccessToken({
        ...bound,
        type: 'DPoP',
        presentation: { header: 'authorization', scheme: 'Bearer' },
      }),
    ],
    ['of an unknown type', new AccessToken({ ...bound, type: 'N_A' as never })],
  ])('sends nothing with a token %s', async (_, token) => {
    const api = await server(() => new Response('ok'))
    await expect(authorizedFetch(async () => token)(api.origin)).rejects.toMatchObject({
      code: 'ERR_NO_TOKEN',
    })
    expect(api.requests).toEqual([])
  })

  it('sends nothing when a constraint gives up, whatever it is', async () => {
    const api = await server(() => new Response('ok'))
    const senderConstraint = {
      ...dpop(),
      headers: () => Promise.reject(new Error('no proof today')),
    }
    const token = new AccessToken({ ...bound, type: 'DPoP', senderConstraint })
    await expect(authorizedFetch(async () => token)(api.origin)).rejects.toThrow('no proof today')
    expect(api.requests).toEqual([])
  })
})
