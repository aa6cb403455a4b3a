import type { DenialReason } from '@countersign/guard'
import type { ProofMint } from '../proof-mint.ts'
import type { TokenMint } from '../token-mint.ts'

/** What is attacked. `honest` cases attack nothing: an API must let them through. */
export type HostileGroup =
  | 'honest'
  /** The choice of algorithm and key. */
  | 'algorithm'
  /** The form of the token and its header. */
  | 'header'
  /** Issuer, audience, times and the rest. */
  | 'claims'
  /** What RFC 9068 asks beyond any JWT: leave it out for an issuer that does not follow it. */
  | 'rfc9068'
  /** Tokens that belong to one sender only (`cnf`). */
  | 'binding'
  /** How the token comes. */
  | 'request'
  /** Methods other than the one of the route. */
  | 'method'
  /** What an HTTP server should refuse before anybody looks for a token. */
  | 'wire'
  | 'scope'
  /** Users' tokens: leave it out for a route that takes them. */
  | 'principal'
  /** DPoP proofs. */
  | 'proof'

/** What a case makes its request from. */
export interface HostileContext {
  /** Signs with a key that the API trusts, for a client that may call. */
  readonly mint: TokenMint
  /** The key that bound tokens are bound to. */
  readonly key: ProofMint
  /** The address of the route as its clients call it, without query. */
  readonly url: string
  readonly method: string
  /** The newest DPoP nonce that the API gave out. */
  readonly nonce: string | undefined
}

/** A request, for the route's own method where none is named. */
export interface HostileRequest {
  readonly method?: string
  /** Such as `access_token=…`. */
  readonly query?: string
  /** As they go over the wire, repeated ones too. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: string
  /** How many times it is sent, one after the other. The verdict is owed to the last. Default 1. */
  readonly times?: number
}

/** A whole HTTP message, for what no HTTP client would send. */
export interface HostileMessage {
  readonly message: string
}

/** A request and the answer that an API owes it, as data. */
export interface HostileCase {
  readonly name: string
  readonly group: HostileGroup
  /** What asks for it: a specification, or an advisory about those that did otherwise. */
  readonly source: string
  readonly make: (context: HostileContext) => HostileRequest | HostileMessage
  readonly status: 200 | 400 | 401 | 403
  /** The error code owed in the challenge; none where the request carries no token that is read. */
  readonly error:
    | 'invalid_request'
    | 'invalid_token'
    | 'insufficient_scope'
    | 'invalid_dpop_proof'
    | undefined
  /** The reason that Countersign's guard gives; none where no guard is asked or none refuses. */
  readonly reason: DenialReason | undefined
}

/** Makes what follows `Bearer`. */
type TokenMaker = (mint: TokenMint, context: HostileContext) => string

/** Cases of bad tokens in good requests. */
export function badTokens(
  group: HostileGroup,
  source: string,
  reason: DenialReason,
  makers: Readonly<Record<string, TokenMaker>>,
): HostileCase[] {
  return Object.entries(makers).map(([name, token]) => ({
    name,
    group,
    source,
    make: (context) => bearer(token(context.mint, context)),
    status: 401,
    error: 'invalid_token',
    reason,
  }))
}

/** Cases that all owe the same answer. */
export function cases(
  group: HostileGroup,
  source: string,
  { status, error, reason }: Pick<HostileCase, 'status' | 'error' | 'reason'>,
  makers: Readonly<Record<string, HostileCase['make']>>,
): HostileCase[] {
  return Object.entries(makers).map(([name, make]) => ({
    name,
    group,
    source,
    make,
    status,
    error,
    reason,
  }))
}

/** A request with a token as it should come. */
export function bearer(token: string): HostileRequest {
  return authorized(`Bearer ${token}`)
}

/** A request with that `Authorization` header. */
export function authorized(authorization: string): HostileRequest {
  return { headers: [['authorization', authorization]] }
}
