import { decodeJwt } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SenderConstraint } from '@countersign/server'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import type { FormAnswer } from './post-form.ts'
import { dpopProof, proofKey } from './dpop-proofs.ts'
import { assertionForm, assertionKey, goodClaims, signJwt } from './assertion-kit.ts'
import { postToken } from './post-token.ts'
import { ORDERS } from './two-apis.ts'

const RESOURCES = [{ resource: ORDERS, scopes: ['orders:read'] }]
const key = proofKey()
let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({ resources: RESOURCES })
})
afterAll(() => server.close())

async function want(senderConstraint: SenderConstraint): Promise<void> {
  await server.administration.updateResource({ resource: ORDERS, senderConstraint })
  await server.server.refresh()
}

function ask(dpop?: string): Promise<FormAnswer> {
  const headers = dpop === undefined ? {} : { dpop }
  return postToken(server.tokenEndpoint, { basic: server.client, headers })
}

describe('a DPoP proof at the token endpoint', () => {
  beforeEach(() => want('dpop'))

  it.each(['ES256', 'PS256', 'RS256', 'Ed25519'])(
    '[std:216] binds the token to its key: %s',
    async (alg) => {
      const own = proofKey(alg)
      const { status, json } = await ask(dpopProof(own, server.tokenEndpoint))
      expect([status, json['token_type']]).toEqual([200, 'DPoP'])
      const claims = decodeJwt(String(json['access_token']))
      expect(claims['cnf']).toEqual({ jkt: own.thumbprint })
    },
  )

  it('binds also where the resource would take a bearer token, and where either will do', async () => {
    for (const constraint of ['none', 'any'] as const) {
      await want(constraint)
      const { json } = await ask(dpopProof(key, server.tokenEndpoint))
      expect(json['token_type']).toBe('DPoP')
    }
    await want('none')
    expect((await ask()).json['token_type']).toBe('Bearer')
  })

  it('[std:217] is wanted where the resource says so, and is no certificate', async () => {
    for (const constraint of ['dpop', 'any'] as const) {
      await want(constraint)
      const { status, json } = await ask()
      expect([status, json['error']]).toEqual([400, 'invalid_request'])
      expect(server.events.at(-1)).toMatchObject({ reason: 'sender_constraint_missing' })
    }
    await want('certificate')
    const { status } = await ask(dpopProof(key, server.tokenEndpoint))
    expect([status, server.events.at(-1)]).toMatchObject([
      400,
      { reason: 'sender_constraint_missing' },
    ])
  })

  const nowSeconds = Math.floor(Date.now() / 1000)
  it.each<[string, Parameters<typeof dpopProof>[2], string]>([
    ['no jti', { claims: { jti: undefined } }, 'malformed_proof'],
    ['no htm', { claims: { htm: undefined } }, 'malformed_proof'],
    ['no htu', { claims: { htu: undefined } }, 'malformed_proof'],
    ['no iat', { claims: { iat: undefined } }, 'malformed_proof'],
    ['no key', { header: { jwk: undefined } }, 'malformed_proof'],
    ['an htu that is no text', { claims: { htu: 7 } }, 'malformed_proof'],
    ['the wrong typ', { header: { typ: 'JWT' } }, 'wrong_type'],
    ['no typ', { header: { typ: undefined } }, 'wrong_type'],
    ['alg none', { header: { alg: 'none' } }, 'algorithm_not_allowed'],
    ['alg HS256', { header: { alg: 'HS256' } }, 'algorithm_not_allowed'],
    ['another method', { claims: { htm: 'GET' } }, 'wrong_method'],
    ['another address', { claims: { htu: 'https://evil.example.test/token' } }, 'wrong_url'],
    ['an iat an hour ago', { claims: { iat: nowSeconds - 3600 } }, 'too_old'],
    ['an iat in an hour', { claims: { iat: nowSeconds + 3600 } }, 'issued_in_future'],
    ['another key in its header', { header: { jwk: proofKey().publicJwk } }, 'bad_signature'],
  ])('[std:215] is refused with %s', async (_what, change, fault) => {
    const { status, json } = await ask(dpopProof(key, server.tokenEndpoint, change))
    expect([status, json['error']]).toEqual([400, 'invalid_dpop_proof'])
    expect(server.events.at(-1)).toMatchObject({
      type: 'token.refused',
      reason: 'dpop_proof_invalid',
      detail: { fault },
      clientId: 'billing',
    })
  })

  it('[std:218] [std:226] is refused where there are two, or a private key shows', async () => {
    const two = `${dpopProof(key, server.tokenEndpoint)}, ${dpopProof(key, server.tokenEndpoint)}`
    expect((await ask(two)).json['error']).toBe('invalid_dpop_proof')
    expect(server.events.at(-1)).toMatchObject({ detail: { fault: 'several_proofs' } })
    const jwk = key.privateKey.export({ format: 'jwk' })
    const shown = dpopProof(key, server.tokenEndpoint, { header: { jwk } })
    expect((await ask(shown)).json['error']).toBe('invalid_dpop_proof')
    expect(server.events.at(-1)).toMatchObject({ detail: { fault: 'private_key' } })
  })

  it('is compared by address as addresses are: case, default port, query', async () => {
    const { host } = new URL(server.tokenEndpoint)
    for (const htu of [
      `HTTP://${host}/token`,
      `${server.tokenEndpoint}?x=1`,
      `${server.tokenEndpoint}#part`,
    ]) {
      const { status } = await ask(dpopProof(key, server.tokenEndpoint, { claims: { htu } }))
      expect([htu, status]).toEqual([htu, 200])
    }
  })

  it('[std:220] is good for one token, of twenty at once', async () => {
    const proof = dpopProof(key, server.tokenEndpoint)
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(proof)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await ask(proof)).json['error']).toBe('invalid_dpop_proof')
    expect(server.events.at(-1)).toMatchObject({ reason: 'dpop_proof_replayed' })
  })

  it('is asked about last: a client that is not authenticated learns nothing of it', async () => {
    const headers = { dpop: dpopProof(key, server.tokenEndpoint, { header: { typ: 'x' } }) }
    const basic = { ...server.client, clientSecret: 'wrong' }
    const { json } = await postToken(server.tokenEndpoint, { basic, headers })
    expect(json['error']).toBe('invalid_client')
  })

  it('says in the metadata which algorithms it may have', async () => {
    const url = `${server.origin}/.well-known/oauth-authorization-server`
    expect(await (await fetch(url)).json()).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256', 'PS256', 'EdDSA', 'Ed25519', 'RS256'],
    })
  })
})

describe('a DPoP nonce', () => {
  it('[std:218] [std:221] where it is required is told with the refusal, and costs no assertion', async () => {
    await using running = await startAuthorizationServer({
      resources: RESOURCES,
      serverOptions: { dpopNonce: 'required' },
    })
    const { administration, server: own, issuer, tokenEndpoint, events } = running
    const signer = assertionKey()
    const credential = { kind: 'public_key', publicKey: signer.publicPem } as const
    await administration.createClient({ clientId: 'signer', credential })
    await administration.grant({ clientId: 'signer', resource: ORDERS, scopes: ['orders:read'] })
    await own.refresh()
    const form = assertionForm(
      signJwt({ alg: 'ES256' }, goodClaims('signer', issuer), signer.privateKey),
    )
    const first = await postToken(tokenEndpoint, {
      form,
      headers: { dpop: dpopProof(key, tokenEndpoint) },
    })
    expect([first.status, first.json['error']]).toEqual([400, 'use_dpop_nonce'])
    expect(first.headers.get('cache-control')).toBe('no-store')
    expect(events.at(-1)).toMatchObject({
      reason: 'dpop_nonce_needed',
      detail: { fault: 'no_nonce' },
    })
    const nonce = first.headers.get('dpop-nonce')
    expect(nonce).toMatch(/^[\w-]{43}$/)
    const again = { headers: { dpop: dpopProof(key, tokenEndpoint, { claims: { nonce } }) } }
    const second = await postToken(tokenEndpoint, { form, ...again })
    expect([second.status, second.json['token_type']]).toEqual([200, 'DPoP'])
    const made = { claims: { nonce: 'x'.repeat(43) } }
    const wrong = { headers: { dpop: dpopProof(key, tokenEndpoint, made) } }
    const third = await postToken(tokenEndpoint, {
      form: assertionForm(
        signJwt({ alg: 'ES256' }, goodClaims('signer', issuer), signer.privateKey),
      ),
      ...wrong,
    })
    expect(third.json['error']).toBe('use_dpop_nonce')
  })

  it('where it is optional is not wanted, but a wrong one is refused', async () => {
    await want('dpop')
    const made = { claims: { nonce: 'x'.repeat(43) } }
    const { status, json, headers } = await ask(dpopProof(key, server.tokenEndpoint, made))
    expect([status, json['error']]).toEqual([400, 'use_dpop_nonce'])
    const nonce = headers.get('dpop-nonce')
    const good = await ask(dpopProof(key, server.tokenEndpoint, { claims: { nonce } }))
    expect(good.status).toBe(200)
  })
})
