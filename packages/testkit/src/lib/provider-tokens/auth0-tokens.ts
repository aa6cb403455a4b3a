import type { ClientPrincipal, UserPrincipal } from '@countersign/guard'
import type { JsonObject } from '@countersign/protocol'
import type { TokenMint } from '../token-mint.ts'
import { tokensOf, type ProviderToken } from './provider-token.ts'

const READ: ReadonlySet<string> = new Set(['orders:read'])
const NONE: ReadonlySet<string> = new Set()

const AUTH0_CLIENT = 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx'
const AUTH0_USER = 'auth0|6553da60a54af58e29493993'

function auth0Base({ issuer, audience }: TokenMint, iat: number): JsonObject {
  return { iss: issuer, aud: audience, iat, exp: iat + 86_400, scope: 'orders:read' }
}

/** A user's token is for the API and for the user's own data. */
function auth0User(mint: TokenMint, iat: number): JsonObject {
  const aud = [mint.audience, `${mint.issuer}userinfo`]
  return { ...auth0Base(mint, iat), sub: AUTH0_USER, aud, scope: 'openid profile orders:read' }
}

function auth0IdToken({ issuer, audience }: TokenMint, iat: number): JsonObject {
  return {
    nickname: 'ada',
    name: 'Ada Lovelace',
    updated_at: '2026-11-24T10:00:00.000Z',
    iss: issuer,
    aud: audience,
    iat,
    exp: iat + 36_000,
    sub: AUTH0_USER,
    sid: 'Rf6iYVfBLSVlBbTzxOQzSE1qxy3gY5sG',
    nonce: 'MTIzNDU',
  }
}

const AUTH0_CLIENT_PRINCIPAL: ClientPrincipal = {
  kind: 'client',
  clientId: AUTH0_CLIENT,
  scopes: READ,
  permissions: READ,
}
const AUTH0_USER_PRINCIPAL: UserPrincipal = {
  kind: 'user',
  subject: AUTH0_USER,
  clientId: AUTH0_CLIENT,
  scopes: new Set(['openid', 'profile', 'orders:read']),
  permissions: NONE,
}

/** In Auth0's own dialect. */
export function auth0Tokens(): readonly ProviderToken[] {
  return tokensOf('Auth0', 'auth0', [
    {
      kind: 'client',
      principal: AUTH0_CLIENT_PRINCIPAL,
      typ: 'JWT',
      claims: (mint, iat) => ({
        ...auth0Base(mint, iat),
        sub: `${AUTH0_CLIENT}@clients`,
        gty: 'client-credentials',
        azp: AUTH0_CLIENT,
        permissions: ['orders:read'],
      }),
    },
    {
      kind: 'user',
      principal: AUTH0_USER_PRINCIPAL,
      typ: 'JWT',
      claims: (mint, iat) => ({ ...auth0User(mint, iat), azp: AUTH0_CLIENT }),
    },
    { kind: 'id token', typ: 'JWT', claims: auth0IdToken },
  ])
}

/** In the dialect of RFC 9068. Its ID tokens are the same. */
export function auth0Rfc9068Tokens(): readonly ProviderToken[] {
  const jti = '73WakrfVbNJBaAmhQtEeDv'
  return tokensOf('Auth0, RFC 9068', 'auth0', [
    {
      kind: 'client',
      principal: AUTH0_CLIENT_PRINCIPAL,
      typ: 'at+jwt',
      claims: (mint, iat) => ({
        ...auth0Base(mint, iat),
        sub: `${AUTH0_CLIENT}@clients`,
        jti,
        client_id: AUTH0_CLIENT,
        permissions: ['orders:read'],
      }),
    },
    {
      kind: 'user',
      principal: AUTH0_USER_PRINCIPAL,
      typ: 'at+jwt',
      claims: (mint, iat) => ({ ...auth0User(mint, iat), jti, client_id: AUTH0_CLIENT }),
    },
  ])
}
