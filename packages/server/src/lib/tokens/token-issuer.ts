import type { AuthenticatedClient } from '../client-authentication/authenticate-client.ts'
import type { GrantDecision } from '../grants/grant.ts'

/** Everything a token is made of. */
export interface TokenOrder {
  readonly client: AuthenticatedClient
  readonly decision: GrantDecision
  /** What binds it to its sender; `undefined` for a bearer token. */
  readonly confirmation: Confirmation | undefined
  readonly now: number
}

/** The `cnf` claim: the thumbprint of a DPoP key or of a certificate. RFC 9449, RFC 8705. */
export type Confirmation = { readonly jkt: string } | { readonly 'x5t#S256': string }

/** An access token and what the answer and the event say about it. */
export interface IssuedToken {
  readonly token: string
  readonly tokenType: 'Bearer' | 'DPoP'
  readonly jti: string
  /** The key that signed it; `undefined` for an opaque token. */
  readonly kid: string | undefined
  readonly lifetimeSeconds: number
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** Makes a token. A promise only where it must wait: most are made at once. */
export type TokenIssuer = (order: TokenOrder) => IssuedToken | Promise<IssuedToken>
