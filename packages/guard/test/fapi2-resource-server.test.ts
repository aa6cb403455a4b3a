import { createHash } from 'node:crypto'
import { createServer, request, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGuard, type GuardEvent, type GuardOptions } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { revocationMarks } from '@countersign/guard/revocation'
import { formatClientCert, type JsonObject } from '@countersign/protocol'
import { proofMint, type MintAlgorithm, type ProofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SAMPLE_DER } from '../../protocol/test/sample-certificate.ts'
import { AUDIENCE, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

/**
 * What the OpenID Foundation's plan for the FAPI 2.0 security profile, client credentials grant, asks of
 * the API: the case of the token type, the holder of the key, and the proofs that must be refused. Over a
 * socket, as the plan does.
 */
const FAPI_ALGORITHMS: readonly MintAlgorithm[] = ['ES256', 'PS256', 'EdDSA', 'Ed25519']

/** One request: its header lines as they go over the wire, a name per value. */
interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers: readonly (readonly [string, string])[]
}

interface Api {
  readonly issuer: ScriptedIssuer
  readonly key: ProofMint
  /** The address of the API. */
  readonly url: string
  readonly events: GuardEvent[]
  /** A token bound to the key, but for what is changed. */
  token(claims?: JsonObject, header?: JsonObject): string
  proof(token: string, claims?: JsonObject, header?: JsonObject): string
  /** Status and error of the answer. */
  send(sent: Sent): Promise<string>
  /** Calls as a good client does, but for what is changed. */
  call(changed?: {
    readonly token?: string
    readonly proof?: string
    readonly scheme?: string
  }): Promise<string>
}

async function startApi(options: Partial<GuardOptions> = {}): Promise<Api> {
  const issuer = await startScriptedIssuer()
  const key = proofMint()
  const events: GuardEvent[] = []
  let listener: RequestListener = () => {}
  const server = createServer((incoming, outgoing) => listener(incoming, outgoing))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await issuer[Symbol.asyncDispose]()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/orders`
  const guard = createGuard({
    issuer: issuer.origin,
    profile: 'fapi2',
    audience: AUDIENCE,
    jwksUri: `${issuer.origin}/jwks`,
    now: issuer.clock.now,
    dpop: { baseUrl: new URL(url).origin },
    onEvent: (event) => events.push(event),
    ...options,
  })
  listener = guarded(guard, { scope: { all: ['orders:read'] } }, (_, response) => {
    response.end('orders')
  })
  const api: Api = {
    issuer,
    key,
    url,
    events,
    token: (claims = {}, header = {}) =>
      issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint }, ...claims }, header }),
    proof: (token, claims = {}, header = {}) =>
      key.proof(url, token, issuer.clock.now(), { claims, header }),
    send: ({ method = 'GET', path = '/orders', headers }) =>
      new Promise((resolve, reject) => {
        const outgoing = request({ port, host: '127.0.0.1', method, path }, (response) => {
          response.resume()
          const [, error = ''] =
            /error="(\w+)"/.exec(response.headers['www-authenticate'] ?? '') ?? []
          resolve(`${response.statusCode} ${error}`.trim())
        })
        const values = new Map<string, string[]>()
        for (const [name, value] of headers) {
          values.set(name, [...(values.get(name) ?? []), value])
        }
        for (const [name, list] of values) {
          outgoing.setHeader(name, list.length === 1 ? (list[0] ?? '') : list)
        }
        outgoing.on('error', reject).end()
      }),
    call({ token = api.token(), proof = api.proof(token), scheme = 'DPoP' } = {}) {
      return api.send({
        headers: [
          ['authorization', `${scheme} ${token}`],
          ['dpop', proof],
        ],
      })
    },
  }
  return api
}

const REFUSED_TOKEN = '401 invalid_token'
const REFUSED_PROOF = '401 invalid_dpop_proof'

describe('the profile fapi2 at an API', () => {
  it.each(FAPI_ALGORITHMS)('takes a bound token that is signed with %s [std:241]', async (alg) => {
    const api = await startApi()
    const mint = api.issuer.newMint('k', alg)
    api.issuer.publish(mint)
    const token = mint.token({ claims: { cnf: { jkt: api.key.thumbprint } } })
    expect(await api.call({ token })).toBe('200')
  })

  it('refuses RS256, for tokens and for proofs, and a key for it under another name [std:241]', async () => {
    const api = await startApi()
    const mint = api.issuer.newMint('k', 'RS256')
    api.issuer.publish(mint)
    const token = mint.token({ claims: { cnf: { jkt: api.key.thumbprint } } })
    expect(await api.call({ token })).toBe(REFUSED_TOKEN)
    const renamed = mint.token({
      claims: { cnf: { jkt: api.key.thumbprint } },
      header: { alg: 'PS256' },
    })
    expect(await api.call({ token: renamed })).toBe(REFUSED_TOKEN)
    const second = await startApi()
    const bound = second.token()
    expect(
      await second.call({ token: bound, proof: second.proof(bound, {}, { alg: 'RS256' }) }),
    ).toBe(REFUSED_PROOF)
    expect(second.events).toContainEqual(
      expect.objectContaining({ reason: 'dpop_algorithm_not_allowed' }),
    )
  })

  it('refuses none and HS256 [std:240]', async () => {
    const api = await startApi()
    for (const alg of ['none', 'HS256']) {
      const token = api.token({}, { alg })
      expect(await api.call({ token })).toBe(REFUSED_TOKEN)
    }
  })

  it('lets no option undo it', async () => {
    for (const [options, option] of [
      [{ algorithms: ['RS256'] }, 'algorithms[0]'],
      [{ algorithms: ['ES256', 'ML-DSA-44'] }, 'algorithms[1]'],
      [{ binding: 'optional' }, 'binding'],
      [{ dpop: { algorithms: ['ES256', 'RS256'] } }, 'dpop.algorithms[1]'],
    ] satisfies [Partial<GuardOptions>, string][]) {
      expect(() =>
        createGuard({
          issuer: 'https://as.example',
          profile: 'fapi2',
          audience: AUDIENCE,
          dpop: {},
          ...options,
        }),
      ).toThrow(expect.objectContaining({ name: 'ArgumentError', option }))
    }
    const unbound = { issuer: 'https://as.example', profile: 'fapi2', audience: AUDIENCE } as const
    expect(() => createGuard(unbound)).toThrow(expect.objectContaining({ option: 'binding' }))
  })

  it.each(['DPoP', 'dpop', 'dPOP', 'DPOP'])(
    'token type case: takes the scheme %s [std:51] [std:240]',
    async (scheme) => {
      const api = await startApi()
      expect(await api.call({ scheme })).toBe('200')
    },
  )

  it.each(['Bearer', 'bEARER'])(
    'token type case: takes the scheme %s of a token that is bound to a certificate [std:51] [std:240]',
    async (scheme) => {
      const api = await startApi({
        certificates: { format: 'rfc9440', trustedProxies: ['127.0.0.1/32'] },
      })
      const thumbprint = createHash('sha256').update(SAMPLE_DER).digest('base64url')
      const token = api.token({ cnf: { 'x5t#S256': thumbprint } })
      const certificate = ['client-cert', formatClientCert(SAMPLE_DER)] as const
      const authorization = ['authorization', `${scheme} ${token}`] as const
      expect(await api.send({ headers: [authorization, certificate] })).toBe('200')
      expect(await api.send({ headers: [authorization] })).toBe(REFUSED_TOKEN)
    },
  )

  it('holder of key: refuses a token that is not bound, and one without its proof [std:240]', async () => {
    const api = await startApi()
    const unbound = api.token({ cnf: undefined })
    expect(await api.send({ headers: [['authorization', `Bearer ${unbound}`]] })).toBe(
      REFUSED_TOKEN,
    )
    expect(await api.call({ token: unbound })).toBe(REFUSED_TOKEN)
    const bound = api.token()
    expect(await api.send({ headers: [['authorization', `Bearer ${bound}`]] })).toBe(REFUSED_TOKEN)
    expect(await api.call({ token: bound, scheme: 'Bearer' })).toBe(REFUSED_TOKEN)
    expect(await api.send({ headers: [['authorization', `DPoP ${bound}`]] })).toBe(REFUSED_PROOF)
  })

  it('reads a token from the header alone, on every request [std:50] [std:232] [std:240]', async () => {
    const api = await startApi()
    const token = api.token()
    const path = `/orders?access_token=${token}`
    expect(await api.send({ path, headers: [['dpop', api.proof(token)]] })).toBe('401')
    expect(api.events.map(({ type }) => type)).toContain('query_token')
    const both = await api.send({
      path,
      headers: [
        ['authorization', `DPoP ${token}`],
        ['dpop', api.proof(token)],
      ],
    })
    expect(both).toBe('200')
  })

  it('checks validity, integrity, expiry, revocation and authority [std:240]', async () => {
    const marks = revocationMarks()
    const api = await startApi({ revocation: marks })
    const good = api.token()
    expect(await api.call({ token: good })).toBe('200')
    const changed = good.split('.')
    changed[1] = Buffer.from(JSON.stringify(api.issuer.mint.claims())).toString('base64url')
    expect(await api.call({ token: changed.join('.') })).toBe(REFUSED_TOKEN)
    expect(await api.call({ token: api.token({ aud: 'https://other.example' }) })).toBe(
      REFUSED_TOKEN,
    )
    expect(await api.call({ token: api.token({ exp: 1 }) })).toBe(REFUSED_TOKEN)
    expect(await api.call({ token: api.token({ scope: 'orders:write' }) })).toBe(
      '403 insufficient_scope',
    )
    marks.revoke('client', 'billing', { issuedUntil: Infinity, expiresAt: 1e15 })
    expect(await api.call({ token: good })).toBe(REFUSED_TOKEN)
  })

  it.each([
    ['iat', 10, '200'],
    ['nbf', 10, '200'],
    ['iat', 61, REFUSED_TOKEN],
    ['nbf', 61, REFUSED_TOKEN],
    ['nbf', 11, REFUSED_TOKEN],
  ])('a token with %s %d s ahead: %s [std:238]', async (claim, ahead, owed) => {
    const api = await startApi()
    const at = api.issuer.clock.now() / 1000 + ahead
    expect(await api.call({ token: api.token({ [claim]: at }) })).toBe(owed)
  })
})

describe('the proofs that the plan tries at an API, under fapi2', () => {
  const seconds = ({ issuer }: Api): number => issuer.clock.now() / 1000

  it.each<[string, (api: Api, token: string) => string]>([
    ['a malformed one', () => 'not.a.proof'],
    ['no typ', (api, token) => api.proof(token, {}, { typ: undefined })],
    ['another typ', (api, token) => api.proof(token, {}, { typ: 'jwt' })],
    ['no alg', (api, token) => api.proof(token, {}, { alg: undefined })],
    ['none', (api, token) => api.proof(token, {}, { alg: 'none' })],
    ['RS256', (api, token) => api.proof(token, {}, { alg: 'RS256' })],
    ['no jwk', (api, token) => api.proof(token, {}, { jwk: undefined })],
    ['a private jwk', (api, token) => api.proof(token, {}, { jwk: api.key.privateJwk })],
    ['a bad signature', (api, token) => `${api.proof(token).slice(0, -8)}AAAAAAAA`],
    ['no jti', (api, token) => api.proof(token, { jti: undefined })],
    ['no htm', (api, token) => api.proof(token, { htm: undefined })],
    ['another htm', (api, token) => api.proof(token, { htm: 'PUT' })],
    ['no htu', (api, token) => api.proof(token, { htu: undefined })],
    ['another htu', (api, token) => api.proof(token, { htu: `${api.url}/other` })],
    ['no iat', (api, token) => api.proof(token, { iat: undefined })],
    ['iat an hour ago', (api, token) => api.proof(token, { iat: seconds(api) - 3600 })],
    ['iat in an hour', (api, token) => api.proof(token, { iat: seconds(api) + 3600 })],
    ['no ath', (api, token) => api.proof(token, { ath: undefined })],
    ['another ath', (api) => api.proof('another token')],
    ['another key', (api, token) => proofMint().proof(api.url, token, api.issuer.clock.now())],
  ])('refused: %s [std:222]', async (_what, make) => {
    const api = await startApi()
    const token = api.token()
    expect(await api.call({ token, proof: make(api, token) })).toBe(REFUSED_PROOF)
    // Nothing that was refused spoils what is good.
    expect(await api.call({ token })).toBe('200')
  })

  it.each<[string, (api: Api, token: string) => string]>([
    ['claims that nobody knows', (api, token) => api.proof(token, { extra: 'x', iss: 'a' })],
    ['host and scheme in capitals', (api, token) => api.proof(token, { htu: upper(api.url) })],
    ['htu with a query', (api, token) => api.proof(token, { htu: `${api.url}?x=1` })],
    ['htu with a fragment', (api, token) => api.proof(token, { htu: `${api.url}#x` })],
    ['iat 10 s ahead', (api, token) => api.proof(token, { iat: seconds(api) + 10 })],
  ])('taken: %s [std:219]', async (_what, make) => {
    const api = await startApi()
    const token = api.token()
    expect(await api.call({ token, proof: make(api, token) })).toBe('200')
  })

  it('knows the header by any case of its name, once [std:218]', async () => {
    const api = await startApi()
    const token = api.token()
    const authorization = ['authorization', `DPoP ${token}`] as const
    expect(await api.send({ headers: [authorization, ['dPoP', api.proof(token)]] })).toBe('200')
    const twice = await api.send({
      headers: [authorization, ['dpop', api.proof(token)], ['dpop', api.proof(token)]],
    })
    expect(twice).toBe(REFUSED_PROOF)
  })

  it('takes a proof once [std:220]', async () => {
    const api = await startApi()
    const token = api.token()
    const proof = api.proof(token)
    expect(await api.call({ token, proof })).toBe('200')
    expect(await api.call({ token, proof })).toBe(REFUSED_PROOF)
  })
})

function upper(url: string): string {
  const { protocol, host, pathname } = new URL(url)
  return `${protocol.toUpperCase()}//${host.toUpperCase()}${pathname}`
}
