import type { JsonObject } from '@countersign/protocol'
import type { TokenMint } from '../token-mint.ts'
import { tokensOf, type ProviderToken } from './provider-token.ts'

/** Of a Keycloak realm. */
export function keycloakTokens(): readonly ProviderToken[] {
  const base = ({ issuer, audience }: TokenMint, iat: number): JsonObject => ({
    exp: iat + 300,
    iat,
    jti: 'trrtcc:0d4d1b6e-7a0c-4a9e-9a4d-0f6d0c6c8f11',
    iss: issuer,
    aud: [audience, 'account'],
    typ: 'Bearer',
    azp: 'billing',
    acr: '1',
    realm_access: { roles: ['offline_access', 'default-roles-shop', 'uma_authorization'] },
    resource_access: {
      [audience]: { roles: ['reader'] },
      account: { roles: ['manage-account', 'view-profile'] },
    },
    scope: 'profile email orders:read',
    email_verified: false,
  })
  const rights = {
    scopes: new Set(['profile', 'email', 'orders:read']),
    roles: new Set(['reader']),
  }
  const subject = '9f4a0b52-6f0e-4c55-8a27-3bb1ab9a2c70'
  const person = {
    sub: subject,
    auth_time: 1_790_000_000,
    sid: '5b1f1d6c-57c6-4a4b-8d0c-96a8c1f0e0aa',
    name: 'Ada Lovelace',
    preferred_username: 'ada',
  }
  return tokensOf('Keycloak', 'keycloak', [
    {
      kind: 'client',
      principal: { kind: 'client', clientId: 'billing', ...rights },
      typ: 'JWT',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        sub: '1d2d88f8-8b68-4b6b-883f-1af68b598612',
        preferred_username: 'service-account-billing',
        clientHost: '172.17.0.1',
        clientAddress: '172.17.0.1',
        client_id: 'billing',
      }),
    },
    {
      kind: 'user',
      principal: { kind: 'user', subject, clientId: 'billing', ...rights },
      typ: 'JWT',
      claims: (mint, iat) => ({ ...base(mint, iat), ...person }),
    },
    {
      kind: 'id token',
      typ: 'JWT',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        ...person,
        typ: 'ID',
        aud: mint.audience,
        scope: undefined,
        realm_access: undefined,
        resource_access: undefined,
        at_hash: 'fPlsvVszI29LU2UhDyJ9vg',
      }),
    },
  ])
}
