import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizationServer, generateMasterKey } from '@countersign/server'
import {
  memoryStore,
  startAuthorizationServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import {
  assertionForm,
  assertionKey,
  goodClaims,
  signJwt,
  type AssertionKey,
} from './assertion-kit.ts'
import { dpopProof, proofKey } from './dpop-proofs.ts'
import type { FormAnswer } from './post-form.ts'
import { postToken } from './post-token.ts'
import { CLIENT, SELF_SIGNED } from './test-certificates.ts'
import { startTlsServer } from './tls-server.ts'
import { ORDERS } from './two-apis.ts'

/**
 * The modules for servers of the OpenID Foundation's plan for the FAPI 2.0 security profile, client
 * credentials grant, that the token endpoint of a server can be asked about.
 */
const proofs = proofKey()
const keys: Readonly<Record<string, AssertionKey>> = {
  ES256: assertionKey('ES256'),
  PS256: assertionKey('PS256'),
  Ed25519: assertionKey('Ed25519'),
  RS256: assertionKey('RS256'),
}
const ecKey = keys['ES256'] ?? assertionKey()
let server: RunningAuthorizationServer
let nonce = ''

beforeAll(async () => {
  server = await startAuthorizationServer({
    resources: [{ resource: ORDERS, scopes: ['orders:read'] }],
    serverOptions: { profile: 'fapi2' },
  })
  const { administration, tokenEndpoint } = server
  for (const [alg, key] of Object.entries(keys)) {
    const credential = { kind: 'public_key', publicKey: key.publicPem, alg } as const
    await administration.createClient({ clientId: alg, credential })
    await administration.grant({ clientId: alg, resource: ORDERS, scopes: ['orders:read'] })
  }
  await server.server.refresh()
  const first = await postToken(tokenEndpoint, {
    form: assertion('ES256'),
    headers: { dpop: dpopProof(proofs, tokenEndpoint) },
  })
  nonce = first.headers.get('dpop-nonce') ?? ''
})
afterAll(() => server.close())

function assertion(
  clientId: string,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Record<string, string> {
  const { alg, privateKey } = keys[clientId] ?? ecKey
  const all = { ...goodClaims(clientId, server.issuer), ...claims }
  return assertionForm(signJwt({ alg, ...header }, all, privateKey))
}

function proof(change: Parameters<typeof dpopProof>[2] = {}): { dpop: string } {
  const claims = { nonce, ...change.claims }
  return { dpop: dpopProof(proofs, server.tokenEndpoint, { ...change, claims }) }
}

function ask(
  form: Record<string, string> = assertion('ES256'),
  headers: Record<string, string> = proof(),
): Promise<FormAnswer> {
  return postToken(server.tokenEndpoint, { form, headers })
}

const refusal = (): unknown => {
  const event = server.events.at(-1)
  return event?.type === 'token.refused' ? event.reason : event?.type
}
const nowSeconds = (): number => Math.floor(Date.now() / 1000)

describe('the profile fapi2', () => {
  it('[std:236] discovery: says what is left, and nothing else', async () => {
    const url = `${server.origin}/.well-known/oauth-authorization-server`
    const metadata = (await (await fetch(url)).json()) as Record<string, unknown>
    expect(metadata['token_endpoint_auth_methods_supported']).toEqual(['private_key_jwt'])
    const algorithms = ['ES256', 'PS256', 'EdDSA', 'Ed25519']
    expect(metadata['token_endpoint_auth_signing_alg_values_supported']).toEqual(algorithms)
    expect(metadata['dpop_signing_alg_values_supported']).toEqual(algorithms)
  })

  it.each(['ES256', 'PS256', 'Ed25519'])('happy path: %s gets a bound token', async (alg) => {
    const { status, json } = await ask(assertion(alg))
    expect([status, json['token_type']]).toEqual([200, 'DPoP'])
    expect(decodeJwt(String(json['access_token']))['cnf']).toEqual({ jkt: proofs.thumbprint })
  })

  it('happy path: a client with a certificate gets a token bound to it', async () => {
    await using tls = await startTlsServer({ profile: 'fapi2' })
    const credential = { kind: 'certificate', certificate: CLIENT.cert } as const
    await tls.administration.createClient({ clientId: 'mtls', credential })
    const grant = { clientId: 'mtls', resource: ORDERS, scopes: ['orders:read'] }
    await tls.administration.grant(grant)
    await tls.server.refresh()
    const { status, json } = await tls.post({ client_id: 'mtls' }, { identity: CLIENT })
    expect(status).toBe(200)
    expect(decodeJwt(String(json['access_token']))['cnf']).toHaveProperty('x5t#S256')
    const other = await tls.post({ client_id: 'mtls' }, { identity: SELF_SIGNED })
    expect(other.status).toBe(401)
  })

  it('holder of key required: no token without a proof, and no assertion is spent', async () => {
    const form = assertion('ES256')
    expect((await ask(form, {})).status).toBe(400)
    expect(refusal()).toBe('sender_constraint_missing')
    expect((await ask(form)).status).toBe(200)
  })

  it('[std:239] a proof without our nonce is asked for one', async () => {
    const { status, json, headers } = await ask(
      assertion('ES256'),
      proof({ claims: { nonce: undefined } }),
    )
    expect([status, json['error']]).toEqual([400, 'use_dpop_nonce'])
    expect(headers.get('dpop-nonce')).toMatch(/^[\w-]+$/)
  })

  it('assertion required: no secret lets anybody in, right or wrong', async () => {
    const { clientId, clientSecret } = server.client
    const asked = [
      { basic: server.client },
      { form: { client_id: clientId, client_secret: clientSecret } },
      { form: { client_id: 'ES256' } },
      {},
    ]
    for (const post of asked) {
      const { status, json, headers } = await postToken(server.tokenEndpoint, {
        ...post,
        headers: proof(),
      })
      expect([status, json['error']]).toEqual([401, 'invalid_client'])
      expect(headers.get('www-authenticate')).toBeNull()
    }
    const hmac = signJwt({ alg: 'HS256' }, goodClaims(clientId, server.issuer), clientSecret)
    expect((await ask(assertionForm(hmac))).status).toBe(401)
    expect(refusal()).toBe('assertion_key_unknown')
  })

  it('[std:241] assertion by RS256 refused, and by RS256 with a key for PS256', async () => {
    expect((await ask(assertion('RS256'))).status).toBe(401)
    expect(refusal()).toBe('assertion_algorithm_wrong')
    expect((await ask(assertion('PS256', {}, { alg: 'RS256' }))).status).toBe(401)
  })

  it('client_id at the token endpoint: may be there, must be the same', async () => {
    expect((await ask({ ...assertion('ES256'), client_id: 'ES256' })).status).toBe(200)
    expect((await ask({ ...assertion('ES256'), client_id: 'PS256' })).status).toBe(400)
  })

  it.each<[string, () => Record<string, unknown>, string]>([
    ['exp 5 minutes past', () => ({ exp: nowSeconds() - 300 }), 'assertion_expired'],
    ['exp 5 minutes ahead', () => ({ exp: nowSeconds() + 300 }), 'assertion_life_too_long'],
    ['[std:237] aud in a list', () => ({ aud: [server.issuer] }), 'assertion_audience_wrong'],
    ['aud the token endpoint', () => ({ aud: server.tokenEndpoint }), 'assertion_audience_wrong'],
    ['aud another server', () => ({ aud: 'https://evil.example' }), 'assertion_audience_wrong'],
    ['no sub', () => ({ sub: undefined }), 'assertion_subject_wrong'],
    ['[std:238] iat 61 s ahead', () => ({ iat: nowSeconds() + 62 }), 'assertion_not_yet_valid'],
    ['[std:238] nbf 61 s ahead', () => ({ nbf: nowSeconds() + 62 }), 'assertion_not_yet_valid'],
  ])('assertion with %s refused', async (_what, claims, reason) => {
    expect((await ask(assertion('ES256', claims()))).status).toBe(401)
    expect(refusal()).toBe(reason)
  })

  it.each<[string, () => Record<string, unknown>]>([
    ['iat 10 s ahead', () => ({ iat: nowSeconds() + 10 })],
    ['nbf 10 s ahead', () => ({ nbf: nowSeconds() + 10 })],
    ['iat 10 s ago', () => ({ iat: nowSeconds() - 10 })],
  ])('[std:238] assertion with %s accepted', async (_what, claims) => {
    expect((await ask(assertion('ES256', claims()))).status).toBe(200)
  })

  it.each<[string, Record<string, unknown>]>([
    ['iat 10 s ago', { iat: nowSeconds() - 10 }],
    ['iat 9 s ahead', { iat: nowSeconds() + 9 }],
    ['nbf and exp', { nbf: nowSeconds(), exp: nowSeconds() + 60 }],
    ['claims that nobody knows', { extra: { a: 1 } }],
  ])('proof with %s accepted', async (_what, claims) => {
    expect((await ask(assertion('ES256'), proof({ claims }))).status).toBe(200)
  })

  it.each<[string, Parameters<typeof dpopProof>[2]]>([
    ['[std:238] iat an hour ago', { claims: { iat: nowSeconds() - 3600 } }],
    ['[std:238] iat in an hour', { claims: { iat: nowSeconds() + 3600 } }],
    ['no jti', { claims: { jti: undefined } }],
    ['no htm', { claims: { htm: undefined } }],
    ['no htu', { claims: { htu: undefined } }],
    ['no iat', { claims: { iat: undefined } }],
    ['another htm', { claims: { htm: 'GET' } }],
    ['another htu', { claims: { htu: 'https://other.example.test/token' } }],
    ['no typ', { header: { typ: undefined } }],
    ['another typ', { header: { typ: 'at+jwt' } }],
    ['no alg', { header: { alg: undefined } }],
    ['alg none', { header: { alg: 'none' } }],
    ['no key', { header: { jwk: undefined } }],
    ['a private key', { header: { jwk: proofs.privateKey.export({ format: 'jwk' }) } }],
    ['the key of somebody else', { header: { jwk: proofKey().publicJwk } }],
  ])('proof with %s refused', async (_what, change) => {
    const { status, json } = await ask(assertion('ES256'), proof(change))
    expect([status, json['error']]).toEqual([400, 'invalid_dpop_proof'])
    // A good one still passes after.
    expect((await ask()).status).toBe(200)
  })

  it('proof by RS256 refused', async () => {
    const rsa = proofKey('RS256')
    const dpop = dpopProof(rsa, server.tokenEndpoint, { claims: { nonce } })
    expect((await ask(assertion('ES256'), { dpop })).json['error']).toBe('invalid_dpop_proof')
    expect(server.events.at(-1)).toMatchObject({ detail: { fault: 'algorithm_not_allowed' } })
  })

  it('proof used twice refused', async () => {
    const headers = proof()
    expect((await ask(assertion('ES256'), headers)).status).toBe(200)
    expect((await ask(assertion('ES256'), headers)).status).toBe(400)
    expect(refusal()).toBe('dpop_proof_replayed')
  })

  it('lets no option undo it', () => {
    const base = {
      issuer: 'https://as.example.test',
      store: memoryStore(),
      masterKeys: [generateMasterKey()],
      profile: 'fapi2',
    } as const
    for (const [option, value] of [
      ['assertionAudience', 'issuer-or-token-endpoint'],
      ['dpopNonce', 'optional'],
      ['maxAssertionLifetime', 60_001],
      ['clockTolerance', 60_001],
      ['profile', 'fapi1'],
    ]) {
      expect(() => createAuthorizationServer({ ...base, [option as string]: value })).toThrow(
        expect.objectContaining({ option }),
      )
    }
  })
})
