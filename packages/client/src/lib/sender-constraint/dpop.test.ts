import { generateKeyPairSync } from 'node:crypto'
import { handClock } from '@countersign/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { client, server } from '../../../test/answering-endpoint.ts'
import { checkProof, thumbprintOf } from '../../../test/dpop-check.ts'
import { dpopApi, dpopTokenEndpoint } from '../../../test/dpop-servers.ts'
import { AccessToken } from '../access-token.ts'
import { createClient } from '../create-client.ts'
import type { ExternalSigningKey } from '../jose/signing-key.ts'
import { dpop } from './dpop.ts'
import type { ConstrainedRequest, SenderConstraint } from './sender-constraint.ts'

const URL_WITH_ALL = 'https://user:pass@api.example:8443/a%20b/orders?x=1#part'

/** The key of the example proofs. Source: RFC 9449 section 4.1. */
const RFC_KEY = {
  kty: 'EC',
  crv: 'P-256',
  x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs',
  y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA',
}

async function proven(constraint: SenderConstraint, request: Partial<ConstrainedRequest> = {}) {
  const url = new URL('https://api.example/orders')
  const asked = { role: 'resource', method: 'GET', url, ...request } as const
  const sent = await constraint.headers(asked)
  constraint.abandon?.(sent)
  const headers = new Headers(sent)
  return checkProof({ method: asked.method, url: asked.url.href, headers }, asked.token?.value)
}

describe('dpop', () => {
  it('makes a proof of its request with all that a proof must say [std:208]', async () => {
    const clock = handClock(1_700_000_000_999)
    const { alg, jwk, claims } = await proven(dpop({ now: clock.now }), {
      method: 'POST',
      url: new URL(URL_WITH_ALL),
    })
    expect(alg).toBe('ES256')
    expect(Object.keys(jwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y'])
    expect(claims).toEqual({
      jti: expect.stringMatching(/^[\w-]{22}$/),
      htm: 'POST',
      htu: 'https://api.example:8443/a%20b/orders',
      iat: 1_700_000_000,
    })
  })

  it('hashes the token that goes along as RFC 9449 section 7.1 does [std:209]', async () => {
    const value = 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU'
    const token = new AccessToken({ value, type: 'DPoP', obtainedAt: 0 })
    const { claims } = await proven(dpop(), { token })
    expect(claims['ath']).toBe('fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo')
  })

  it('names its key by the thumbprint, as RFC 9449 section 6.1 does', async () => {
    const key: ExternalSigningKey = {
      alg: 'ES256',
      publicJwk: RFC_KEY,
      sign: async () => new Uint8Array(64),
    }
    const binding = await dpop({ key }).binding()
    expect(binding).toBe('jkt:0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I')
  })

  it('never makes the same proof twice [std:210]', async () => {
    const constraint = dpop()
    const proofs = await Promise.all(Array.from({ length: 100 }, () => proven(constraint)))
    expect(new Set(proofs.map(({ claims }) => claims['jti'])).size).toBe(100)
  })

  it('makes one key, whoever asks first, and not the one of another', async () => {
    const constraint = dpop()
    const proofs = await Promise.all(Array.from({ length: 20 }, () => proven(constraint)))
    const binding = await constraint.binding()
    expect(new Set(proofs.map(({ jwk }) => `jkt:${thumbprintOf(jwk)}`))).toEqual(new Set([binding]))
    expect(await dpop().binding()).not.toBe(binding)
  })

  it('makes a key that cannot be read out of the process', async () => {
    const generateKey = vi.spyOn(crypto.subtle, 'generateKey')
    onTestFinished(() => generateKey.mockRestore())
    await dpop().binding()
    const pair = (await generateKey.mock.results[0]?.value) as CryptoKeyPair
    expect(pair.privateKey.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('jwk', pair.privateKey)).rejects.toThrow()
  })

  it.each(['ES256', 'Ed25519', 'EdDSA'] as const)('signs with %s', async (alg) => {
    expect((await proven(dpop({ alg }))).alg).toBe(alg)
  })

  it('takes a JWK, a PEM, a WebCrypto pair and a key in a KMS, and shows the public half', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = privateKey.export({ format: 'jwk' })
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' }
    const handle = await crypto.subtle.importKey('jwk', jwk, ecdsa, false, ['sign'])
    const shown = await crypto.subtle.importKey(
      'jwk',
      publicKey.export({ format: 'jwk' }),
      ecdsa,
      true,
      ['verify'],
    )
    const inKms: ExternalSigningKey = {
      alg: 'ES256',
      publicJwk: publicKey.export({ format: 'jwk' }) as never,
      sign: async (data) =>
        new Uint8Array(await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, handle, data)),
    }
    const pair = { privateKey: handle, publicKey: shown }
    for (const key of [jwk, pem, pair, inKms]) {
      const proof = await proven(dpop({ key }))
      expect(proof.jwk).toEqual(publicKey.export({ format: 'jwk' }))
    }
  })

  it('obtains a bound token and presents it under the DPoP scheme [std:214]', async () => {
    const endpoint = await dpopTokenEndpoint()
    const api = await dpopApi()
    const auth = createClient({
      ...client,
      tokenEndpoint: `${endpoint.origin}/token?tenant=1`,
      senderConstraint: dpop(),
    })
    const response = await auth.fetch(`${api.origin}/orders?x=1`, { method: 'post', body: 'a' })
    expect(await response.text()).toBe('ok')
    expect(api.requests[0]?.headers.get('authorization')).toBe('DPoP at-1')
    expect(endpoint.proofs[0]?.jwk).toEqual(api.proofs[0]?.jwk)
    expect(endpoint.proofs[0]?.claims).not.toHaveProperty('ath')
  })

  it('throws a token of type Bearer away [std:213]', async () => {
    const endpoint = await dpopTokenEndpoint(undefined, () => ({
      access_token: 'at-1',
      token_type: 'Bearer',
    }))
    const api = await dpopApi()
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    await expect(auth.fetch(api.origin)).rejects.toMatchObject({
      code: 'ERR_RESPONSE_MEMBER',
      message: expect.stringContaining('token_type is Bearer, where DPoP was asked for'),
    })
    expect(api.requests).toEqual([])
  })

  it('ends the wait for the first request with the reason of the signal', async () => {
    const constraint = dpop()
    const request = { role: 'resource', method: 'GET', url: new URL('https://a.example') } as const
    await constraint.headers(request)
    const signal = AbortSignal.abort(new Error('left'))
    await expect(constraint.headers({ ...request, signal })).rejects.toThrow('left')
  })

  it('sends nothing where a proof cannot be made, and says so', async () => {
    let works = true
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const handle = await crypto.subtle.importKey(
      'jwk',
      privateKey.export({ format: 'jwk' }),
      { name: 'ECDSA', namedCurve: 'P-256' },
      false,
      ['sign'],
    )
    const key: ExternalSigningKey = {
      alg: 'ES256',
      publicJwk: publicKey.export({ format: 'jwk' }) as never,
      async sign(data) {
        if (!works) throw new Error('marker-kms-says-no')
        const how = { name: 'ECDSA', hash: 'SHA-256' }
        return new Uint8Array(await crypto.subtle.sign(how, handle, data))
      },
    }
    const endpoint = await dpopTokenEndpoint()
    const api = await dpopApi()
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop({ key }),
    })
    await auth.getToken()
    works = false
    const failure = {
      code: 'ERR_PROOF',
      phase: 'credential',
      message: expect.not.stringContaining('marker'),
    }
    await expect(auth.fetch(api.origin)).rejects.toMatchObject(failure)
    await expect(auth.getToken({ scope: 'other' })).rejects.toMatchObject(failure)
    expect(api.requests).toEqual([])
    expect(endpoint.requests).toHaveLength(1)
  })

  it('rejects with ERR_PROOF for a key that cannot be imported', async () => {
    const { d, ...shown } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      format: 'jwk',
    })
    const constraint = dpop({ key: { ...shown, d: `${d?.slice(0, -8)}` } })
    await expect(constraint.binding()).rejects.toMatchObject({ code: 'ERR_PROOF' })
    await expect(proven(constraint)).rejects.toMatchObject({ code: 'ERR_PROOF' })
  })

  it('follows the clock of a server that is ahead, and tries once more where that was the fault', async () => {
    const clock = handClock(1_700_000_000_000)
    const ahead = 300_000
    const api = await server((request) => {
      const time = clock.now() + ahead
      const headers = { date: new Date(time).toUTCString() }
      const { claims } = checkProof(request, 'at-1')
      if (Math.abs(Number(claims['iat']) * 1000 - time) <= 5000)
        return new Response('ok', { headers })
      const value = 'DPoP error="invalid_dpop_proof"'
      return new Response('no', { status: 401, headers: { ...headers, 'www-authenticate': value } })
    })
    const endpoint = await dpopTokenEndpoint()
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop({ now: clock.now }),
    })
    expect((await auth.fetch(api.origin)).status).toBe(200)
    expect(api.requests).toHaveLength(2)
    expect((await auth.fetch(api.origin)).status).toBe(200)
    expect(api.requests).toHaveLength(3)
  })

  it('leaves a refused proof at that where the clocks agree', async () => {
    const api = await server(
      () =>
        new Response(null, {
          status: 401,
          headers: { 'www-authenticate': 'DPoP error=invalid_dpop_proof' },
        }),
    )
    const endpoint = await dpopTokenEndpoint()
    const auth = createClient({
      ...client,
      tokenEndpoint: endpoint.origin,
      senderConstraint: dpop(),
    })
    expect((await auth.fetch(api.origin)).status).toBe(401)
    expect(api.requests).toHaveLength(1)
    expect(endpoint.requests).toHaveLength(1)
  })

  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  it.each<[unknown, string]>([
    [{ keys: 1 }, "did you mean 'key'"],
    [{ key: 'not a key' }, 'key'],
    [{ key: publicKey.export({ format: 'jwk' }) }, 'key'],
    [{ key: { alg: 'ES256', sign: async () => new Uint8Array() } }, 'public half'],
    [{ alg: 'HS256' }, 'alg'],
    [{ alg: 'PS256' }, 'no key is given'],
    [{ nonceStore: new Map([]).get }, 'nonceStore'],
    [{ now: 1 }, 'now'],
  ])('refuses wrong options at once (%#)', (options, named) => {
    expect(() => dpop(options as never)).toThrow(named)
  })

  it('refuses a WebCrypto key whose public half nobody knows', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const { privateKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify'])
    expect(() => dpop({ key: privateKey })).toThrow('public half')
  })
})
