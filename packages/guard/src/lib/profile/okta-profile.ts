import { RFC9068_PROFILE } from './rfc9068-profile.ts'
import type { NamesClaim, TokenProfile } from './token-profile.ts'

const SCOPE: NamesClaim = { claim: 'scp', form: 'list' }

/**
 * Access tokens of an Okta custom authorization server: the header has no `typ`, `cid` is the client and
 * `scp` the list of scopes. ID tokens have neither, and a `jti` that starts with `ID.`.
 *
 * A client's `sub` is its `cid`, and it has no `uid`. Tokens of the organization's own server are for Okta
 * alone.
 * Source: Okta docs, OAuth 2.0 and OpenID Connect, access token and ID token payloads.
 */
export const OKTA_PROFILE: TokenProfile = Object.freeze({
  ...RFC9068_PROFILE,
  name: 'okta',
  types: [undefined, 'at+jwt'],
  algorithms: ['RS256'],
  dialect: {
    isAccessToken: ({ jti, cid, scp, nonce, at_hash }) =>
      isNoIdToken(jti) &&
      typeof cid === 'string' &&
      Array.isArray(scp) &&
      nonce === undefined &&
      at_hash === undefined,
    isAccessTokenAnswer: ({ jti }) => isNoIdToken(jti),
    clientId: ['cid'],
    tokenId: { claim: 'jti', required: true },
    scopes: { client: SCOPE, user: SCOPE },
    kindOf: ({ sub, uid }, clientId) => {
      if (sub !== clientId) return 'user'
      return uid === undefined ? 'client' : undefined
    },
  },
} satisfies TokenProfile)

function isNoIdToken(jti: unknown): boolean {
  return typeof jti === 'string' && !jti.startsWith('ID.')
}
