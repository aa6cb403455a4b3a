import type { AccessToken } from '../access-token.ts'

/** Whom a request goes to: nonces and keys of the two are kept apart. */
export type PeerRole = 'authorization_server' | 'resource'

/** A request that is to be bound to the sender's key. */
export interface ConstrainedRequest {
  readonly role: PeerRole
  readonly method: string
  readonly url: URL
  /** The token that goes with it; none at the token endpoint. */
  readonly token?: AccessToken
  /** Ends this caller's wait for its headers. */
  readonly signal?: AbortSignal
}

/** What came back, as far as a constraint may learn from it. */
export interface ConstrainedAnswer {
  readonly role: PeerRole
  readonly url: URL
  readonly status: number
  readonly headers: Headers
  /** The OAuth error code in the body, at the token endpoint. A resource's is in its challenge. */
  readonly error?: string | undefined
  /** The very object that `headers` gave for this request: tells it from others under way. */
  readonly sent?: Readonly<Record<string, string>>
}

/**
 * Binds tokens to a key of this client, so that a stolen token is of no use to anybody else.
 *
 * A token obtained under a constraint carries it, and is presented under it or not at all. For each
 * request: `headers`, then `learn` with its answer, or `abandon` where there is none.
 */
export interface SenderConstraint {
  /** The type that bound tokens have: a token of another type is thrown away. */
  readonly tokenType: 'Bearer' | 'DPoP'
  /** Names the key, such as `jkt:…`: part of the key under which tokens are kept. */
  binding(): Promise<string>
  /** Headers to add to one request; fresh for each try. Rejects rather than leave a proof out. */
  headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>
  /** Learns from an answer (nonces). Gives whether the same request is worth one more try. */
  learn(answer: ConstrainedAnswer): boolean
  /**
   * Says that the request with these headers got no answer: others may be waiting for what it would
   * have taught. Without it they wait no longer than a moment.
   */
  abandon?(sent: Readonly<Record<string, string>>): void
  /** The connection to use, for constraints that live in it (mutual TLS). */
  readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
}
