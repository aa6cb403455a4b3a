import type { AccessTokenClaims } from '@countersign/protocol'
import { readOnlySet } from './read-only-set.ts'

/** What a principal may do, as its token says. */
export interface Rights {
  /** Scopes of the token. */
  readonly scopes: ReadonlySet<string>
  /** Roles at this API, under a profile whose issuer has them. No rule looks at them. */
  readonly roles?: ReadonlySet<string>
  /** Permissions, under a profile whose issuer has them. No rule looks at them. */
  readonly permissions?: ReadonlySet<string>
}

/** A service that calls in its own name: the token was issued to it and is about it. */
export interface ClientPrincipal extends Rights {
  readonly kind: 'client'
  readonly clientId: string
}

/** A user on whose behalf the client `clientId` calls. */
export interface UserPrincipal extends Rights {
  readonly kind: 'user'
  readonly subject: string
  readonly clientId: string
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
 * The principal of a token: a client when the subject is the client itself, otherwise a user, unless
 * `kind` is known from elsewhere.
 *
 * Source: RFC 9068 sections 2.2 and 5.
 */
export function toPrincipal(
  { sub, client_id: clientId, scope }: AccessTokenClaims,
  kind: 'client' | 'user' = sub === clientId ? 'client' : 'user',
  rights: Omit<Rights, 'scopes'> = {},
): Principal {
  const scopes = readOnlySet(scope)
  return kind === 'client'
    ? { kind, clientId, scopes, ...rights }
    : { kind, subject: sub, clientId, scopes, ...rights }
}
