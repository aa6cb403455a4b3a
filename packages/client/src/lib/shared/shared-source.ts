import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type { TokenPresentation } from '../access-token.ts'
import { assertSource } from '../assert-source.ts'
import { askedToken, type AskedToken } from '../grants/token-variation.ts'
import type { SenderConstraint } from '../sender-constraint/sender-constraint.ts'
import type { TokenSource } from '../token-source.ts'
import { sharedAsking } from './shared-asking.ts'
import { SHARING_OPTIONS, sharingSettings, type SharingOptions } from './sharing-options.ts'
import type { TokenKeyParts, TokenOwner } from './token-cache-key.ts'

/** What {@link shared} takes. */
export interface SharedOptions extends SharingOptions {
  /**
   * All that makes the tokens of `source` what they are, or a function that tells it at each call:
   * where that throws or leaves something out, nothing is shared.
   */
  readonly key: TokenKeyParts | (() => TokenKeyParts | Promise<TokenKeyParts>)
  /** The one that `source` obtains tokens under. It is put to tokens from the store, never into it. */
  readonly senderConstraint?: SenderConstraint
  /** How tokens of `source` are presented, where that is not as usual. */
  readonly presentation?: TokenPresentation
}

/**
 * A source that shares its tokens with other processes: while one asks, the others wait for it.
 *
 * Put it inside what keeps tokens; `sharedTokens` does so for `createClient`. A call may vary what is
 * asked for, as of any source: what it asks for is part of the key.
 *
 * - A token with life enough is taken from the store. One that is due for renewal serves on; the first
 *   request with `background`, as {@link reuse} makes them ahead of need, renews it for all.
 * - The process that has the lease asks; the others look again and again, for twice `leaseTime` at
 *   most, and then ask for themselves.
 * - `rejected` is never taken from the store, and what comes instead replaces it for all.
 * - A store that throws, hangs or holds what does not open costs a request to the wrapped source,
 *   never a failed call: see the event `store.failed`. One that did not answer is left alone for
 *   five seconds.
 *
 * Entries are sealed with AES-256-GCM for their key; the store sees neither tokens nor whose they are.
 * Who can write to it can take tokens away or put former ones back, not make any.
 *
 * Throws when made: `ArgumentError`. Rejects: as `source` does.
 */
export function shared(source: TokenSource, options: SharedOptions): TokenSource {
  assertSource('shared', source)
  const names = [...SHARING_OPTIONS, 'key', 'senderConstraint', 'presentation']
  assertKnownOptions('shared', options, names)
  const { key, senderConstraint, presentation, ...sharing }: SharedOptions = options
  const settings = sharingSettings('shared', sharing)
  const identity = typeof key === 'function' ? undefined : identityOf(key)
  return sharedAsking(source, {
    ...settings,
    senderConstraint,
    presentation,
    async identify(request) {
      const { owner, base } = identity ?? identityOf(await (key as () => unknown)())
      return { owner, asked: askedToken('getToken', request, base) }
    },
  })
}

/** Whose tokens they are, and what they are where a request says nothing. */
interface Identity {
  readonly owner: TokenOwner
  readonly base: AskedToken
}

/** With a part missing, the tokens of two clients would have one name. Throws: `ArgumentError`. */
function identityOf(key: unknown): Identity {
  const parts = key as TokenKeyParts | null | undefined
  if (typeof parts !== 'object' || parts === null) {
    const message = "shared: 'key' is required: what makes the tokens of this source what they are"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'key', message)
  }
  for (const name of ['clientId', 'authMethod', 'credential'] as const) {
    if (typeof parts[name] === 'string') continue
    throw new ArgumentError(
      'ERR_ARGUMENT_MISSING',
      `key.${name}`,
      `shared: 'key.${name}' is required`,
    )
  }
  if (parts.issuer === undefined && parts.tokenEndpoint === undefined) {
    const message = "shared: 'key' must name the 'issuer' or the 'tokenEndpoint'"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'key.issuer', message)
  }
  return { owner: { ...parts }, base: askedToken('shared', parts) }
}
