import type { SenderConstraint } from './sender-constraint/sender-constraint.ts'

/** How a token is put into a request, where it is not the `Authorization` header's usual way. */
export interface TokenPresentation {
  /** Default `authorization`. */
  readonly header: string
  /** The word before the token; `null` for the token alone. */
  readonly scheme: string | null
  /** Headers that this API wants beside the token, such as Twitch's `Client-Id`. None is secret. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What a token is made of; see {@link AccessToken} for the members. */
export interface AccessTokenInit {
  readonly value: string
  readonly type?: 'Bearer' | 'DPoP'
  readonly obtainedAt: number
  readonly expiresAt?: number | undefined
  readonly refreshAt?: number | undefined
  readonly scope?: readonly string[]
  readonly senderConstraint?: SenderConstraint | undefined
  readonly presentation?: TokenPresentation | undefined
}

/**
 * An access token, ready to be attached to a call.
 *
 * `value` is the secret. It is not an own property, so logging, inspecting or serialising the
 * object shows when the token ends and what it is for, but never the token.
 */
export class AccessToken {
  /** How the token is presented: the scheme of the `Authorization` header. */
  readonly type: 'Bearer' | 'DPoP'
  /** When the request for it was sent, epoch milliseconds: its life is counted from here. */
  readonly obtainedAt: number
  /** When it ends, epoch milliseconds. `undefined` for a token that does not end by itself. */
  readonly expiresAt: number | undefined
  /** When the server would like it renewed, epoch milliseconds, where it said so. */
  readonly refreshAt: number | undefined
  /** The scopes it was granted, as far as they are known. */
  readonly scope: readonly string[]
  /** What binds it to a key of this client, where something does. */
  readonly senderConstraint: SenderConstraint | undefined
  /** How it is presented, where that is not as usual. */
  readonly presentation: TokenPresentation | undefined
  readonly #value: string

  constructor(init: AccessTokenInit) {
    this.#value = init.value
    this.type = init.type ?? 'Bearer'
    this.obtainedAt = init.obtainedAt
    this.expiresAt = init.expiresAt
    this.refreshAt = init.refreshAt
    this.scope = init.scope ?? []
    this.senderConstraint = init.senderConstraint
    this.presentation = init.presentation
  }

  /** The token itself: goes into a header, never into a log. */
  get value(): string {
    return this.#value
  }
}

/** Whether a token's life is over. A life of zero means "use once", and is not over at that once. */
export function hasEnded({ expiresAt, obtainedAt }: AccessToken, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt && expiresAt !== obtainedAt
}
