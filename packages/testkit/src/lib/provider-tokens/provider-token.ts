import type { ClientPrincipal, ProfileName, UserPrincipal } from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import type { TokenMint } from '../token-mint.ts'

/** A token as a provider issues it. */
export interface ProviderToken {
  readonly provider: string
  /** The guard's profile that is for the provider. */
  readonly profile: ProfileName
  /** An access token of a client or of a user, or an ID token, which no API may take. */
  readonly kind: 'client' | 'user' | 'id token'
  /** Whom it is about, as a guard sees it; `undefined` for an ID token. */
  readonly principal: ClientPrincipal | UserPrincipal | undefined
  /** A fresh one for the mint's audience; an override of `undefined` takes a claim away. */
  token(mint: TokenMint, overrides?: JsonObject): string
}

/** One kind of a provider's tokens. */
export interface TokenShape {
  readonly kind: ProviderToken['kind']
  readonly principal?: ProviderToken['principal']
  readonly typ?: string
  readonly claims: (mint: TokenMint, at: number) => JsonObject
}

/** Tokens of a provider, of these shapes. */
export function tokensOf(
  name: string,
  profile: ProfileName,
  shapes: readonly TokenShape[],
): readonly ProviderToken[] {
  return shapes.map(({ kind, principal, typ, claims }) => ({
    provider: name,
    profile,
    kind,
    principal,
    token(mint, overrides = {}) {
      const { algorithm: alg, kid } = mint
      const at = Math.floor(mint.now() / 1000)
      return mint.sign(
        { alg, ...(typ !== undefined && { typ }), kid },
        { ...claims(mint, at), ...overrides },
      )
    },
  }))
}
