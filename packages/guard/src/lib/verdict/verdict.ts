import type { JsonObject } from '@countersign/protocol'
import type { DenialReason } from './denial-reasons.ts'
import type { Principal } from './principal.ts'

/** What a verified token says. Holds its claims, never its text. */
export interface VerifiedToken {
  readonly issuer: string
  readonly audience: readonly string[]
  /** The token's identifier (`jti`). */
  readonly id: string
  /** Epoch milliseconds; 0 where the issuer does not say it of an opaque token, which may be of any age. */
  readonly issuedAt: number
  /** Epoch milliseconds. */
  readonly expiresAt: number
  /** Every claim as it came. */
  readonly claims: JsonObject
}

/** The request may go on. */
export interface Allowed<Caller extends Principal = Principal> {
  readonly allowed: true
  readonly principal: Caller
  readonly token: VerifiedToken
  /** Headers that the answer must have, such as `dpop-nonce`. Adapters set them. */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Why the request would have been denied, where the guard only reports (`reportOnly`). Then the caller is
   * the real one only if nothing but its scopes was wrong; otherwise it is nameless, with an empty
   * `clientId` and no scopes.
   */
  readonly wouldDeny?: DenialReason
}

/** The request must be answered with `status` and, where there is one, the challenge. */
export interface Denied {
  readonly allowed: false
  readonly status: 400 | 401 | 403 | 503
  /** The `WWW-Authenticate` value; `undefined` for an outage, which is nobody's fault. */
  readonly challenge: string | undefined
  readonly reason: DenialReason
  /** Whole seconds for `Retry-After`; only with status 503. */
  readonly retryAfter?: number
  /** Headers that the answer must have besides, such as `dpop-nonce`. Adapters set them. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What a guard says about a request. */
export type Verdict<Caller extends Principal = Principal> = Allowed<Caller> | Denied
