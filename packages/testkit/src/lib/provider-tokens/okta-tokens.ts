import type { JsonObject } from '@countersign/protocol'
import type { TokenMint } from '../token-mint.ts'
import { tokensOf, type ProviderToken } from './provider-token.ts'

const READ: ReadonlySet<string> = new Set(['orders:read'])

/** Of an Okta custom authorization server. */
export function oktaTokens(): readonly ProviderToken[] {
  const clientId = '0oar95zt9zIpYuz6A0h7'
  const uid = '00uid4BxXw6I6TV4m0g3'
  const base = ({ issuer, audience }: TokenMint, iat: number): JsonObject => ({
    ver: 1,
    iss: issuer,
    aud: audience,
    iat,
    exp: iat + 3600,
  })
  const access = { jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE', cid: clientId }
  return tokensOf('Okta', 'okta', [
    {
      kind: 'client',
      principal: { kind: 'client', clientId, scopes: READ },
      claims: (mint, iat) => ({
        ...base(mint, iat),
        ...access,
        scp: ['orders:read'],
        sub: clientId,
      }),
    },
    {
      kind: 'user',
      principal: {
        kind: 'user',
        subject: 'ada@shop.example',
        clientId,
        scopes: new Set(['openid', 'orders:read']),
      },
      claims: (mint, iat) => ({
        ...base(mint, iat),
        ...access,
        uid,
        scp: ['openid', 'orders:read'],
        auth_time: iat - 60,
        sub: 'ada@shop.example',
      }),
    },
    {
      kind: 'id token',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        sub: uid,
        name: 'Ada Lovelace',
        jti: 'ID.radCQMOQUmyvcTBmmIL0J6BaS60apUEiC7-vI7pOmkw',
        amr: ['pwd'],
        idp: '00ok1u7AsAkrwdZL3z0g3',
        preferred_username: 'ada@shop.example',
        auth_time: iat - 60,
        at_hash: 'fPlsvVszI29LU2UhDyJ9vg',
      }),
    },
  ])
}
