import { isJsonObject, type JsonObject } from '@countersign/protocol'
import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { NamesClaim, TokenProfile } from './token-profile.ts'

const SCOPE: NamesClaim = { claim: 'scope', form: 'text' }

/**
 * Access tokens of Keycloak: `typ` of the header is `JWT` for every kind of token, and a claim `typ` says
 * which it is.
 *
 * Each client with a service account has a user of its own, and its token has that user's `sub`. That
 * user's name alone proves nothing, since people may choose theirs: the claim `client_id`, which comes with
 * the grant, must name the client too, and nobody may have logged in (`auth_time`). Roles are those that
 * the token has at this API; those of the realm are in its claims.
 * Source: Keycloak, ClientCredentialsGrantType, AccessToken, TokenUtil.
 */
export const KEYCLOAK_PROFILE: TokenProfile = Object.freeze({
  ...RFC9068_PROFILE,
  name: 'keycloak',
  types: ['jwt', 'at+jwt'],
  dialect: {
    isAccessToken,
    // It answers with the claims of the token.
    isAccessTokenAnswer: isAccessToken,
    clientId: ['azp'],
    tokenId: { claim: 'jti', required: true },
    scopes: { client: SCOPE, user: SCOPE },
    roles: rolesAt,
    kindOf: (payload, clientId) => {
      // `clientId` is how older releases have it.
      const { client_id: granted = payload['clientId'], preferred_username: username } = payload
      const isServiceAccount = username === `service-account-${clientId.toLowerCase()}`
      return isServiceAccount && granted === clientId && payload['auth_time'] === undefined
        ? 'client'
        : 'user'
    },
  },
  confirmation: { 'kc-jkt-type': 'DPoP' },
} satisfies TokenProfile)

function isAccessToken({ typ, cnf }: JsonObject): boolean {
  return typ === 'Bearer' || (typ === 'DPoP' && isJsonObject(cnf) && 'jkt' in cnf)
}

function rolesAt({ resource_access: access }: JsonObject, audience: readonly string[]): unknown {
  if (access === undefined) return undefined
  if (!isJsonObject(access)) return access
  const found: unknown[] = []
  for (const api of audience) {
    const at = Object.hasOwn(access, api) ? access[api] : undefined
    if (!isJsonObject(at)) continue
    const { roles = [] } = at
    if (!Array.isArray(roles)) return roles
    found.push(...roles)
  }
  return found
}
