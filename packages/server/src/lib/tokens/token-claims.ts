import type { JsonObject } from '@countersign/protocol'
import type { TokenOrder } from './token-issuer.ts'

/** When a token was issued and ends. */
export interface TokenTimes {
  /** Epoch seconds, as `iat` has them. */
  readonly issuedAt: number
  /** Epoch seconds, as `exp` has them. */
  readonly expiresAt: number
  /** What the answer promises: never more than the token lives. */
  readonly lifetimeSeconds: number
}

/** The times of a token issued at `now` that must end before `notAfter`. Epoch milliseconds, both. */
export function tokenTimes(
  now: number,
  lifetimeSeconds: number,
  notAfter: number = Infinity,
): TokenTimes {
  // A token lives at least as long as `expires_in` promises: one of a second must not be given a
  // tenth of it because `exp` has whole seconds.
  const livesFrom = Math.ceil(now / 1000)
  const left = Math.max(0, Math.floor(notAfter / 1000) - livesFrom)
  const lifetime = Math.min(lifetimeSeconds, left)
  return {
    issuedAt: Math.floor(now / 1000),
    expiresAt: livesFrom + lifetime,
    lifetimeSeconds: lifetime,
  }
}

/**
 * What a token says, whatever its form. `credential_id` is what it was got with, so that all tokens of
 * one credential can be ended.
 *
 * Source: RFC 9068 sections 2.2 and 2.2.3; RFC 7800 section 3 for `cnf`; RFC 9396 section 9.1.
 */
export function tokenClaims(
  { client, decision, confirmation }: TokenOrder,
  { issuedAt, expiresAt }: TokenTimes,
  {
    issuer,
    jti,
    custom,
  }: {
    readonly issuer: string
    readonly jti: string
    readonly custom: JsonObject | undefined
  },
): JsonObject {
  const { clientId } = client.registered.client
  const { resource, scope, authorizationDetails } = decision
  // Filled in one go and not spread out of parts: this is done for every token.
  const claims: Record<string, unknown> = {
    iss: issuer,
    sub: clientId,
    aud: resource.resource,
    client_id: clientId,
    iat: issuedAt,
    exp: expiresAt,
    jti,
    credential_id: client.credential.credentialId,
  }
  if (scope.length > 0) claims['scope'] = scope.join(' ')
  if (confirmation !== undefined) claims['cnf'] = confirmation
  if (authorizationDetails.length > 0) claims['authorization_details'] = authorizationDetails
  return custom === undefined ? claims : { ...custom, ...claims }
}

/** How the answer names a token: by what the client must send with it. RFC 9449 section 5. */
export function tokenTypeOf({ confirmation }: TokenOrder): 'Bearer' | 'DPoP' {
  return confirmation !== undefined && 'jkt' in confirmation ? 'DPoP' : 'Bearer'
}
