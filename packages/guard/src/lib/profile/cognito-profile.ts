import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { NamesClaim, TokenProfile } from './token-profile.ts'

const SCOPE: NamesClaim = { claim: 'scope', form: 'text' }

/**
 * Access tokens of an Amazon Cognito user pool: the header has no `typ`, and `token_use` tells access
 * tokens from ID tokens.
 *
 * They name no API, unless a client asks for one: the guard's `clients` stand in for the audience. A
 * client's `sub` is its identifier; a user's token has `username`.
 * Source: Amazon Cognito developer guide, understanding the access token.
 */
export const COGNITO_PROFILE: TokenProfile = Object.freeze({
  ...RFC9068_PROFILE,
  name: 'cognito',
  types: [undefined, 'at+jwt'],
  algorithms: ['RS256'],
  dialect: {
    isAccessToken: ({ token_use: use }) => use === 'access',
    clientId: ['client_id'],
    tokenId: { claim: 'jti', required: true },
    scopes: { client: SCOPE, user: SCOPE },
    kindOf: ({ sub, username }, clientId) => {
      if (sub !== clientId) return 'user'
      return username === undefined ? 'client' : undefined
    },
  },
  audience: 'clients',
} satisfies TokenProfile)
