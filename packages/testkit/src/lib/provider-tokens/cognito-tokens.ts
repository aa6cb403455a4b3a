import type { JsonObject } from '@countersign/protocol'
import type { TokenMint } from '../token-mint.ts'
import { tokensOf, type ProviderToken } from './provider-token.ts'

const READ: ReadonlySet<string> = new Set(['orders:read'])

/** Of an Amazon Cognito user pool. Access tokens name no API. */
export function cognitoTokens(): readonly ProviderToken[] {
  const clientId = '1example23456789'
  const subject = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee'
  const base = ({ issuer }: TokenMint, iat: number): JsonObject => ({
    auth_time: iat,
    iss: issuer,
    exp: iat + 3600,
    iat,
    jti: '39cdbc77-8743-4e1e-9669-96e62b165f1c',
  })
  return tokensOf('Cognito', 'cognito', [
    {
      kind: 'client',
      principal: { kind: 'client', clientId, scopes: READ },
      claims: (mint, iat) => ({
        ...base(mint, iat),
        sub: clientId,
        token_use: 'access',
        scope: 'orders:read',
        version: 2,
        client_id: clientId,
      }),
    },
    {
      kind: 'user',
      principal: {
        kind: 'user',
        subject,
        clientId,
        scopes: new Set(['openid', 'orders:read']),
      },
      claims: (mint, iat) => ({
        ...base(mint, iat),
        sub: subject,
        'cognito:groups': ['readers'],
        token_use: 'access',
        scope: 'openid orders:read',
        version: 2,
        client_id: clientId,
        username: subject,
        origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      }),
    },
    {
      kind: 'id token',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        sub: subject,
        aud: mint.audience,
        'cognito:username': 'ada',
        token_use: 'id',
        email: 'ada@shop.example',
      }),
    },
  ])
}
