import type { JsonObject } from '@countersign/protocol'
import type { SignatureAlgorithm } from '@countersign/verify'

/** How an issuer writes its access tokens, by name. */
export type ProfileName = 'rfc9068' | 'keycloak' | 'entra' | 'auth0' | 'okta' | 'cognito' | 'fapi2'

/** What a guard takes from an issuer. What a profile does not know is refused. */
export interface TokenProfile {
  readonly name: ProfileName
  /** `typ` of the JWT header that are taken; `undefined` stands for a header without one. */
  readonly types: readonly (string | undefined)[]
  /** Signature algorithms that are taken where the guard names none. */
  readonly algorithms: readonly SignatureAlgorithm[]
  /** Whether the guard may name others. */
  readonly otherAlgorithms: boolean
  /** How claims are read that are not those of RFC 9068. */
  readonly dialect?: ClaimsDialect
  /** How a token says for which API it is: by `aud`, or not at all, and `clients` stands in. */
  readonly audience: 'aud' | 'clients'
  /** Members of `cnf` that are no confirmation by themselves, and the one value that each may have. */
  readonly confirmation: Readonly<Record<string, string>>
  /** Whether tokens must be bound to their sender. */
  readonly bound: boolean
  /** How far `nbf` may lie ahead at least, milliseconds. */
  readonly notBeforeTolerance: number
}

/** How an issuer names what RFC 9068 has names for. */
export interface ClaimsDialect {
  /** Whether these are the claims of an access token: headers of all its tokens may be alike. */
  isAccessToken(payload: JsonObject): boolean
  /** Whether an answer of introspection is about one. Absent: the issuer answers no such questions. */
  isAccessTokenAnswer?(members: JsonObject): boolean
  /** The claims that name the client. Those that are there must agree, and one must be. */
  readonly clientId: readonly string[]
  /** The claim that identifies the token, and whether there must be one. Without it a digest stands in. */
  readonly tokenId: { readonly claim: string; readonly required: boolean }
  /** Where the scopes of a client, and of a user, are. */
  readonly scopes: Readonly<Record<'client' | 'user', NamesClaim>>
  /** A list of roles at this API; `undefined` where the token has none. */
  roles?(payload: JsonObject, audience: readonly string[]): unknown
  /** A list of permissions; `undefined` where the token has none. */
  permissions?(payload: JsonObject): unknown
  /** Whom a token is about. `undefined`: its claims contradict each other. */
  kindOf(payload: JsonObject, clientId: string): 'client' | 'user' | undefined
}

/** A claim that holds names: one text with blanks between them, or a list. */
export interface NamesClaim {
  readonly claim: string
  readonly form: 'text' | 'list'
}
