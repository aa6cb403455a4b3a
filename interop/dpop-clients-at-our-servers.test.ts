import { createClient } from '@countersign/client'
import { dpop } from '@countersign/client/sender-constraint'
import { startLoopbackServer } from '@countersign/testkit'
import { DPOP_FAULTS, dpopNonces, dpopVerifier, type DpopVerdict } from '@countersign/verify'
import * as openidClient from 'openid-client'
import { describe, expect, it, onTestFinished } from 'vitest'

const TOKEN = 'the.access.token'

/** A token endpoint and an API on one origin, which want proofs and nonces, and remember proofs. */
async function startServers() {
  const verifiers = ['as', 'api'].map((audience) =>
    dpopVerifier({
      nonces: dpopNonces({ secrets: ['a secret that is of no other use'], audience }),
    }),
  )
  const taken = new Set<string>()
  const seen: string[] = []
  let boundTo = 'nobody'

  function answer(verdict: DpopVerdict, status: number, body: object): Response {
    const fresh = verdict.ok && !taken.has(verdict.replay.key)
    if (verdict.ok) taken.add(verdict.replay.key)
    const nonce = verdict.nextNonce
    const headers = new Headers(nonce === undefined ? {} : { 'dpop-nonce': nonce })
    seen.push(verdict.ok ? (fresh ? 'ok' : 'replay') : verdict.reason)
    if (fresh) return Response.json(body, { headers })
    const error = verdict.ok ? 'invalid_dpop_proof' : DPOP_FAULTS[verdict.reason].error
    if (status === 401) headers.set('www-authenticate', `DPoP error="${error}", algs="ES256"`)
    return Response.json({ error }, { status, headers })
  }

  const server = await startLoopbackServer(async (request) => {
    const [atToken, atApi] = verifiers
    const { method, url } = request
    const presented = { proof: request.headers.get('dpop'), method, url }
    if (new URL(url).pathname === '/token' && atToken !== undefined) {
      const verdict = await atToken(presented)
      if (verdict.ok) boundTo = verdict.thumbprint
      return answer(verdict, 400, { access_token: TOKEN, token_type: 'DPoP', expires_in: 60 })
    }
    if (atApi === undefined || request.headers.get('authorization') !== `DPoP ${TOKEN}`) {
      return new Response(null, { status: 403 })
    }
    return answer(await atApi({ ...presented, accessToken: TOKEN, boundTo }), 401, { order: 1 })
  })
  onTestFinished(() => server.close())
  return { origin: server.origin, seen }
}

/** Each server asks for its nonce once; after that no proof is refused. */
const SEEN = ['no_nonce', 'ok', 'no_nonce', 'ok', 'ok', 'ok']

describe('dpopVerifier', () => {
  it.each(['ES256', 'Ed25519'] as const)(
    'takes the proofs of our own client, signed with %s [std:211] [std:215] [std:222]',
    async (alg) => {
      const { origin, seen } = await startServers()
      const auth = createClient({
        tokenEndpoint: `${origin}/token`,
        clientId: 'billing',
        clientSecret: 'of no use',
        senderConstraint: dpop({ alg }),
      })
      for (const path of ['/orders/1?page=2', '/orders/%7euser', '/a/../orders']) {
        const response = await auth.fetch(origin + path)
        expect(await response.json()).toEqual({ order: 1 })
      }
      expect(seen).toEqual(SEEN)
    },
  )

  it('takes the proofs of openid-client [std:215] [std:222]', async () => {
    const { origin, seen } = await startServers()
    const metadata = { issuer: origin, token_endpoint: `${origin}/token` }
    const configuration = new openidClient.Configuration(metadata, 'billing', 'of no use')
    openidClient.allowInsecureRequests(configuration)
    const keys = await openidClient.randomDPoPKeyPair('ES256')
    const DPoP = openidClient.getDPoPHandle(configuration, keys)
    const grant = () => openidClient.clientCredentialsGrant(configuration, undefined, { DPoP })
    // It leaves the second try to its user.
    const { access_token } = await grant().catch(grant)
    for (const path of ['/orders/1?page=2', '/orders/%7euser', '/a/../orders']) {
      const ask = () =>
        openidClient.fetchProtectedResource(
          configuration,
          access_token,
          new URL(origin + path),
          'GET',
          undefined,
          undefined,
          { DPoP },
        )
      const response = await ask().catch(ask)
      expect(await response.json()).toEqual({ order: 1 })
    }
    // It keeps one nonce for an origin, so it brings that of the token endpoint to the API.
    expect(seen).toEqual(SEEN.with(2, 'wrong_nonce'))
  })
})
