import type { AccessTokenClaims, Issuer } from '@countersign/protocol'
import type { KeySource } from '@countersign/verify'
import type { IssuerEvent } from '../guard/guard-event.ts'
import type { RevocationDenialReason } from '../verdict/revocation-denials.ts'

/**
 * Where a guard learns that tokens ended before their time: what `revocationMarks`, `revocationFeed`,
 * `statusLists` and `revocationHook` give. Called once for each issuer of the guard.
 */
export type RevocationSource = (context: RevocationContext) => RevocationCheck

/** What a source is told of the guard and of one issuer. */
export interface RevocationContext {
  readonly issuer: Issuer
  /** The issuer's keys. */
  readonly keys: KeySource
  /** Signature algorithms that are accepted. */
  readonly algorithms: ReadonlySet<string>
  readonly fetch: typeof globalThis.fetch
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Deadline of one load, milliseconds. */
  readonly timeout: number
  /** How long the issuer's metadata serves once it is no longer fresh, milliseconds. */
  readonly staleFor: number
  /** Milliseconds that the clocks may differ. */
  readonly clockTolerance: number
  readonly emit: (event: IssuerEvent) => void
  /** Takes work that goes on after the answer to a request. */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined
}

/**
 * Says of a good token whether it still stands. Asked for each request, seen before or not.
 *
 * `claims` are one object for as long as the guard remembers the token. `key` is the thumbprint (RFC 7638)
 * of the key that signed it; `undefined` where its issuer was asked. The text of the token is not shown.
 */
export interface RevocationCheck {
  (claims: AccessTokenClaims, key: string | undefined): Standing | Promise<Standing>
  /** Loads ahead what it goes by; gives whether it has it. */
  load?(): Promise<boolean>
}

/** The kinds of source. */
export type RevocationSourceKind = 'marks' | 'feed' | 'status_list' | 'hook'

/** Whether a token stands. */
export type Standing =
  | {
      readonly ok: true
      /** A source that could not tell, and lets such tokens pass (`whenUnknown: 'allow'`). */
      readonly unchecked?: RevocationSourceKind
    }
  | {
      readonly ok: false
      readonly reason: RevocationDenialReason
      /** Milliseconds; only for an outage. */
      readonly retryAfter?: number
    }

/** What becomes of tokens of which nobody can tell whether they are revoked. */
export type WhenUnknown = 'refuse' | 'allow'

export const STANDS: Standing = Object.freeze({ ok: true })
export const REVOKED: Standing = Object.freeze({ ok: false, reason: 'revoked' })

/** The standing of a token of which a source cannot tell. */
export function unknownStanding(
  whenUnknown: WhenUnknown,
  source: RevocationSourceKind,
  retryAfter: number,
): Standing {
  return whenUnknown === 'allow'
    ? { ok: true, unchecked: source }
    : { ok: false, reason: 'revocation_unavailable', retryAfter }
}
