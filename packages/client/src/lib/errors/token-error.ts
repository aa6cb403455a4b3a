import type { ErrorCode } from './error-catalogue.ts'

/** Where in the life of a token something went wrong. */
export type ErrorPhase = 'discovery' | 'credential' | 'token' | 'store' | 'attach'

/** What every error of this package carries. */
export interface TokenErrorDetails {
  readonly phase: ErrorPhase
  /** Whether the same call may succeed later with nothing changed. */
  readonly retryable?: boolean
  /** Milliseconds the server asks to wait, where it says so. */
  readonly retryAfter?: number | undefined
  /** HTTP status of the answer, where there was one. */
  readonly status?: number | undefined
  /** What to do about it. */
  readonly hint?: string | undefined
  /** The OAuth error members of the answer, where it had them. */
  readonly oauth?: OAuthErrorMembers | undefined
}

/** An OAuth error as the server sent it, cut to what is safe to log. */
export interface OAuthErrorMembers {
  readonly error: string
  readonly description: string | undefined
  readonly uri: string | undefined
  /** What to tell the operator of the server; ours: `countersign explain ID`. Entra sends one, too. */
  readonly correlationId?: string | undefined
}

const BRAND = Symbol.for('countersign.TokenError')

/**
 * No usable token could be had, or a call could not be sent with one.
 *
 * Neither message, stack, `cause`, JSON nor inspect output holds a secret, a token or an answer's
 * body. Subclasses tell the kind: {@link TransportError}, {@link PeerError}, {@link RefusalError},
 * {@link CredentialError}, {@link AttachError}. `code` tells the case: see `ERROR_CATALOGUE`.
 */
export class TokenError extends Error {
  override readonly name: string = 'TokenError'
  readonly code: ErrorCode
  readonly phase: ErrorPhase
  readonly retryable: boolean
  readonly retryAfter: number | undefined
  readonly status: number | undefined
  readonly hint: string | undefined
  readonly oauth: OAuthErrorMembers | undefined

  constructor(code: ErrorCode, message: string, details: TokenErrorDetails) {
    super(details.hint === undefined ? message : `${message}. ${details.hint}`)
    this.code = code
    this.phase = details.phase
    this.retryable = details.retryable ?? false
    this.retryAfter = details.retryAfter
    this.status = details.status
    this.hint = details.hint
    this.oauth = details.oauth
    Object.defineProperty(this, BRAND, { value: true })
  }

  toJSON(): Record<string, unknown> {
    const { name, code, message, phase, retryable, retryAfter, status, hint, oauth } = this
    return { name, code, message, phase, retryable, retryAfter, status, hint, oauth }
  }
}

/** No answer came: the network failed or the time was up. Always retryable. */
export class TransportError extends TokenError {
  override readonly name = 'TransportError'

  constructor(code: 'ERR_NETWORK' | 'ERR_TIMEOUT', message: string, details: TokenErrorDetails) {
    super(code, message, { ...details, retryable: true })
  }
}

/** An answer came, and it was not what the protocol allows. */
export class PeerError extends TokenError {
  override readonly name = 'PeerError'
}

/** The server understood and said no. `oauth.error` says why. */
export class RefusalError extends TokenError {
  override readonly name = 'RefusalError'
}

/** The client's own credential could not be read or used. Nothing was sent. */
export class CredentialError extends TokenError {
  override readonly name = 'CredentialError'
}

/** A call was not sent, because it would have left without a token or to the wrong place. */
export class AttachError extends TokenError {
  override readonly name = 'AttachError'
}

/** Whether `error` comes from this package, also when two copies of it are installed. */
export function isTokenError(error: unknown): error is TokenError {
  return typeof error === 'object' && error !== null && BRAND in error
}
