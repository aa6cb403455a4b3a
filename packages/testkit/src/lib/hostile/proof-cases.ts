import type { JsonObject } from '@countersign/protocol'
import { proofMint } from '../proof-mint.ts'
import {
  cases,
  type HostileCase,
  type HostileContext,
  type HostileRequest,
} from './hostile-case.ts'
import { nested, resigned, seconds } from './token-forgery.ts'

/** How a proof differs from a good one. */
interface Changed {
  readonly claims?: JsonObject
  readonly header?: JsonObject
  readonly token?: string
  readonly key?: HostileContext['key']
}

const BAD_PROOF = { status: 401, error: 'invalid_dpop_proof' } as const

/** Requests to a route that takes tokens bound by DPoP. The first two are good. */
export const PROOF_CASES: readonly HostileCase[] = [
  ...cases(
    'honest',
    'RFC 9449 section 7.1',
    { status: 200, error: undefined, reason: undefined },
    {
      'a bound token with its proof': (context) => bound(context),
      'the scheme in lower case': (context) => {
        const token = boundToken(context)
        return send(`dpop ${token}`, proof(context, { token }))
      },
      'an address with capitals and a port': (context) => {
        const { protocol, hostname, port, pathname } = new URL(context.url)
        const usual = protocol === 'https:' ? '443' : '80'
        const htu = `${protocol.toUpperCase()}//${hostname.toUpperCase()}:${port || usual}${pathname}`
        return bound(context, { claims: { htu } })
      },
      'an address with query and fragment': (context) =>
        bound(context, { claims: { htu: `${context.url}?a=b#c` } }),
      'a clock eight seconds ahead': (context) =>
        bound(context, { claims: { iat: seconds(context.mint, 8) } }),
      'claims nobody knows': (context) => bound(context, { claims: { note: { a: 1 } } }),
    },
  ),
  ...proofs('dpop_no_proof', {
    'no proof': (context) => send(`DPoP ${boundToken(context)}`),
    'an empty proof': (context) => send(`DPoP ${boundToken(context)}`, ''),
  }),
  ...proofs('dpop_several_proofs', {
    'two proofs in two headers': (context) => {
      const token = boundToken(context)
      return send(`DPoP ${token}`, proof(context, { token }), proof(context, { token }))
    },
    'two proofs in one header': (context) => {
      const token = boundToken(context)
      return send(`DPoP ${token}`, `${proof(context, { token })}, ${proof(context, { token })}`)
    },
  }),
  ...proofs('dpop_malformed_proof', {
    'a proof that is no JWT': (context) => send(`DPoP ${boundToken(context)}`, 'x'),
    'ten thousand dots': (context) => send(`DPoP ${boundToken(context)}`, '.'.repeat(10_000)),
    'a proof without jti': (context) => bound(context, { claims: { jti: undefined } }),
    'a jti that is a number': (context) => bound(context, { claims: { jti: 7 } }),
    'a proof without htm': (context) => bound(context, { claims: { htm: undefined } }),
    'a proof without htu': (context) => bound(context, { claims: { htu: undefined } }),
    'a proof without iat': (context) => bound(context, { claims: { iat: undefined } }),
    'an iat that is text': (context) =>
      bound(context, { claims: { iat: String(seconds(context.mint, 0)) } }),
    'a proof without alg': (context) => bound(context, { header: { alg: undefined } }),
    'a proof without jwk': (context) => bound(context, { header: { jwk: undefined } }),
    'a jwk that is text': (context) => bound(context, { header: { jwk: 'key' } }),
    'a proof nested too deep': (context) => bound(context, { claims: { deep: nested(3000) } }),
    'a jwk nested too deep': (context) =>
      bound(context, { header: { jwk: { kty: 'EC', deep: nested(40) } } }),
    'a proof with crit': (context) => bound(context, { header: { crit: ['exp'] } }),
    'a proof with b64': (context) => bound(context, { header: { b64: false, crit: ['b64'] } }),
  }),
  ...proofs('dpop_wrong_type', {
    'a proof without typ': (context) => bound(context, { header: { typ: undefined } }),
    'a proof that says it is a JWT': (context) => bound(context, { header: { typ: 'JWT' } }),
    'a proof that says it is an access token': (context) =>
      bound(context, { header: { typ: 'at+jwt' } }),
  }),
  ...proofs('dpop_algorithm_not_allowed', {
    'a proof with alg none': (context) => bound(context, { header: { alg: 'none' } }),
    'a proof with HS256': (context) => bound(context, { header: { alg: 'HS256' } }),
    'a proof with an algorithm nobody knows': (context) =>
      bound(context, { header: { alg: 'XX256' } }),
  }),
  ...proofs('dpop_private_key', {
    'a proof with its private key': (context) =>
      bound(context, { header: { jwk: context.key.privateJwk } }),
    'a proof with a symmetric key': (context) =>
      bound(context, { header: { jwk: { kty: 'oct', k: 'c2VjcmV0' } } }),
  }),
  ...proofs('dpop_unusable_key', {
    'a proof with a key for another algorithm': (context) =>
      bound(context, { header: { alg: 'RS256' } }),
  }),
  ...proofs('dpop_bad_signature', {
    'a proof with a changed signature': (context) => {
      const token = boundToken(context)
      return send(
        `DPoP ${token}`,
        resigned(proof(context, { token }), (old) => old.fill(0)),
      )
    },
    "a stranger's proof with our key in it": (context) => {
      const token = boundToken(context)
      const { jwk } = keyOf(context)
      return send(`DPoP ${token}`, proof(context, { token, key: proofMint(), header: { jwk } }))
    },
  }),
  ...proofs('dpop_wrong_method', {
    'a proof for another method': (context) => bound(context, { claims: { htm: 'PATCH' } }),
    'a proof for the method in lower case': (context) =>
      bound(context, { claims: { htm: context.method.toLowerCase() } }),
  }),
  ...proofs('dpop_wrong_url', {
    'a proof for another host': (context) =>
      bound(context, { claims: { htu: `https://evil.example${new URL(context.url).pathname}` } }),
    'a proof for another path': (context) =>
      bound(context, { claims: { htu: new URL('/other/path', context.url).href } }),
    'a proof for a path below': (context) =>
      bound(context, { claims: { htu: `${context.url.replace(/\/$/, '')}/below` } }),
    'a proof for another port': (context) => {
      const url = new URL(context.url)
      url.port = '4711'
      return bound(context, { claims: { htu: url.href } })
    },
    'a proof for a path alone': (context) =>
      bound(context, { claims: { htu: new URL(context.url).pathname } }),
    'a proof for another host, that Host names too': (context) => {
      const request = bound(context, {
        claims: { htu: `https://evil.example${new URL(context.url).pathname}` },
      })
      return {
        headers: [
          ...request.headers,
          ['host', 'evil.example'],
          ['x-forwarded-host', 'evil.example'],
          ['x-forwarded-proto', 'https'],
        ],
      }
    },
  }),
  ...proofs('dpop_too_old', {
    'a proof of an hour ago': (context) =>
      bound(context, { claims: { iat: seconds(context.mint, -3600) } }),
    'a proof of the year 1970': (context) => bound(context, { claims: { iat: 0 } }),
  }),
  ...proofs('dpop_issued_in_future', {
    'a proof an hour ahead': (context) =>
      bound(context, { claims: { iat: seconds(context.mint, 3600) } }),
  }),
  ...proofs('dpop_wrong_token_hash', {
    'a proof without ath': (context) => bound(context, { claims: { ath: undefined } }),
    'a proof for another token': (context) => {
      const token = boundToken(context)
      return send(`DPoP ${token}`, proof(context, { token: boundToken(context) }))
    },
  }),
  ...proofs('dpop_wrong_key', {
    // No arithmetic is done with a key that is not the token's.
    'a proof with a key that is none': (context) =>
      bound(context, { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } }),
    'a proof by another key': (context) => bound(context, { key: proofMint() }),
  }),
  ...proofs('dpop_replayed', {
    'a proof that is sent twice': (context) => ({ ...bound(context), times: 2 }),
  }),
  ...cases(
    'proof',
    'RFC 9449 section 7.2',
    { status: 401, error: 'invalid_token', reason: 'dpop_required' },
    {
      'a bound token under Bearer': (context) => send(`Bearer ${boundToken(context)}`),
      'a bound token under Bearer, with its proof': (context) => {
        const token = boundToken(context)
        return send(`Bearer ${token}`, proof(context, { token }))
      },
    },
  ),
  ...cases(
    'proof',
    'RFC 9449 section 7.1',
    { status: 401, error: 'invalid_token', reason: 'dpop_not_bound' },
    {
      'a token that is not bound, with a proof': (context) => {
        const token = context.mint.token()
        return send(`DPoP ${token}`, proof(context, { token }))
      },
    },
  ),
  ...cases(
    'proof',
    'RFC 7800 section 3.1',
    { status: 401, error: 'invalid_token', reason: 'binding_unsupported' },
    {
      'a token bound to what nobody knows besides': (context) => {
        const cnf = { jkt: context.key.thumbprint, kid: 'a' }
        const token = context.mint.token({ claims: { cnf } })
        return send(`DPoP ${token}`, proof(context, { token }))
      },
    },
  ),
  ...cases(
    'proof',
    'RFC 9449 section 7.1; RFC 6750 section 2',
    { status: 400, error: 'invalid_request', reason: 'malformed_credentials' },
    {
      'both schemes in two headers': (context) => {
        const token = boundToken(context)
        return {
          headers: [
            ...send(`DPoP ${token}`, proof(context, { token })).headers,
            ['authorization', `Bearer ${context.mint.token()}`],
          ],
        }
      },
    },
  ),
]

type ProofReason = Extract<HostileCase['reason'], `dpop_${string}`>

function proofs(
  reason: ProofReason,
  makers: Readonly<Record<string, HostileCase['make']>>,
): HostileCase[] {
  return cases('proof', 'RFC 9449 sections 4.3 and 7.1', { ...BAD_PROOF, reason }, makers)
}

function boundToken({ mint, key }: HostileContext): string {
  return mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
}

/** A bound token and a proof for it, changed. */
function bound(context: HostileContext, changed: Changed = {}): HostileRequest {
  const token = boundToken(context)
  return send(`DPoP ${token}`, proof(context, { token, ...changed }))
}

function proof(
  context: HostileContext,
  { token = '', key = context.key, ...changed }: Changed,
): string {
  const { url, method, nonce, mint } = context
  const claims = { htm: method, ...(nonce !== undefined && { nonce }), ...changed.claims }
  return key.proof(url, token, mint.now(), { ...changed, claims })
}

function send(authorization: string, ...proofsSent: readonly string[]): HostileRequest {
  return {
    headers: [['authorization', authorization], ...proofsSent.map((one) => ['dpop', one] as const)],
  }
}

/** The public half of the context's key. */
function keyOf({ key }: HostileContext): { readonly jwk: JsonObject } {
  const { d: _, ...jwk } = key.privateJwk
  return { jwk }
}
