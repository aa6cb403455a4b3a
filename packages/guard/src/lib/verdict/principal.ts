import type { AccessTokenClaims } from '@countersign/protocol'

/** A service that calls in its own name: the token was issued to it and is about it. */
export interface ClientPrincipal {
  readonly kind: 'client'
  readonly clientId: string
  /** Scopes of the token. */
  readonly scopes: ReadonlySet<string>
}

/** A user on whose behalf the client `clientId` calls. */
export interface UserPrincipal {
  readonly kind: 'user'
  readonly subject: string
  readonly clientId: string
  /** Scopes of the token. */
  readonly scopes: ReadonlySet<string>
}

/** Who is calling. */
export type Principal = ClientPrincipal | UserPrincipal

/** Which principals a route takes. */
export type PrincipalKind = 'client' | 'user' | 'any'

/** The principal that a route of that kind meets. */
export type PrincipalOf<Kind extends PrincipalKind> = Kind extends 'client'
  ? ClientPrincipal
  : Kind extends 'user'
    ? UserPrincipal
    : Principal

/**
 * The principal of a token: a client when the subject is the client itself, otherwise a user.
 *
 * Source: RFC 9068 sections 2.2 and 5.
 */
export function toPrincipal({ sub, client_id, scope }: AccessTokenClaims): Principal {
  const scopes: ReadonlySet<string> = new Set(scope)
  return sub === client_id
    ? { kind: 'client', clientId: client_id, scopes }
    : { kind: 'user', subject: sub, clientId: client_id, scopes }
}
