import { optionalFunction, optionalNumber } from '@countersign/protocol'
import type { LiveRegistry } from '../registry/live-registry.ts'
import type { OpaqueTokenStore } from '../stores/opaque-token-store.ts'
import { customClaims, type ClaimsHook } from './custom-claims.ts'
import { jwtMinter } from './jwt-minter.ts'
import { opaqueMinter } from './opaque-minter.ts'
import { reusedTokens } from './reused-tokens.ts'
import type { TokenIssuer } from './token-issuer.ts'

/** What a person may say about the tokens of a server. */
export interface TokenOptions {
  /** Adds claims of your own to every token; see `ClaimsHook` for what it may not do. */
  readonly claims?: ClaimsHook
  /** How long the hook may take, in milliseconds. Default 1,000. */
  readonly claimsTimeout?: number
  /**
   * How long a client that asks again for the same is given the same JWT, in seconds, while that has
   * more than half its life left. Default 0: each request gets a token of its own.
   *
   * Whoever ends one such token ends it for all who share the client's credential, and a hook for claims
   * is asked once a token, not once a request.
   */
  readonly reuseWindow?: number
}

/** Makes tokens in the format of their resource. Throws: `ArgumentError` for wrong options. */
export function accessTokenIssuer(
  caller: string,
  options: TokenOptions,
  {
    issuer,
    registry,
    opaqueTokens,
  }: {
    readonly issuer: string
    readonly registry: LiveRegistry
    readonly opaqueTokens: OpaqueTokenStore
  },
): TokenIssuer {
  const hook = optionalFunction(caller, 'claims', options.claims, undefined)
  const timeout = optionalNumber(caller, 'claimsTimeout', options.claimsTimeout, {
    fallback: 1000,
    min: 1,
    max: 60_000,
  })
  const reuseWindow = optionalNumber(caller, 'reuseWindow', options.reuseWindow, {
    fallback: 0,
    min: 0,
    max: 86_400,
  })
  const custom = customClaims(hook, timeout)
  const jwt = jwtMinter({ issuer, signingKey: registry.signingKey, customClaims: custom })
  const opaque = opaqueMinter({ issuer, store: opaqueTokens, customClaims: custom })
  const issue: TokenIssuer = (order) =>
    order.decision.resource.tokenFormat === 'jwt' ? jwt(order) : opaque(order)
  if (reuseWindow === 0) return issue
  return reusedTokens(issue, {
    window: reuseWindow * 1000,
    revision: () => registry.snapshot.revision,
  })
}
