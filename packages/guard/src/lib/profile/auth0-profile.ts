import type { JsonObject } from '@countersign/protocol'
import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { NamesClaim, TokenProfile } from './token-profile.ts'

const SCOPE: NamesClaim = { claim: 'scope', form: 'text' }

/**
 * Access tokens of Auth0, in its own dialect (`typ` `JWT`, `azp`, no `jti`) and in that of RFC 9068.
 *
 * A client's `sub` is its identifier with `@clients` behind it; a user's always has a `|`. In Auth0's own
 * dialect `gty` names the grant and must agree. Permissions, where the API adds them, are not scopes.
 * Source: Auth0 docs, access token profiles.
 */
export const AUTH0_PROFILE: TokenProfile = Object.freeze({
  ...RFC9068_PROFILE,
  name: 'auth0',
  types: ['jwt', 'at+jwt'],
  algorithms: ['RS256', 'PS256'],
  dialect: {
    isAccessToken: ({ gty, scope, client_id, nonce, at_hash, c_hash, s_hash }) =>
      nonce === undefined &&
      at_hash === undefined &&
      c_hash === undefined &&
      s_hash === undefined &&
      (gty !== undefined || scope !== undefined || client_id !== undefined),
    clientId: ['azp', 'client_id'],
    tokenId: { claim: 'jti', required: false },
    scopes: { client: SCOPE, user: SCOPE },
    permissions: ({ permissions }) => permissions,
    kindOf,
  },
} satisfies TokenProfile)

function kindOf({ sub, gty }: JsonObject, clientId: string): 'client' | 'user' | undefined {
  const isOfClient = gty === 'client-credentials'
  if (sub === `${clientId}@clients`) return isOfClient || gty === undefined ? 'client' : undefined
  const isUser = typeof sub === 'string' && sub.includes('|')
  return isUser && !isOfClient ? 'user' : undefined
}
