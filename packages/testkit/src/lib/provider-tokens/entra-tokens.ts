import type { JsonObject } from '@countersign/protocol'
import type { TokenMint } from '../token-mint.ts'
import { tokensOf, type ProviderToken } from './provider-token.ts'

const READ: ReadonlySet<string> = new Set(['orders:read'])

/** Of a Microsoft Entra ID tenant. */
export function entraTokens(ver: '1.0' | '2.0'): readonly ProviderToken[] {
  const clientId = '2974926a-0818-407b-a86c-b7616ce3a81a'
  const tid = '9660ad26-896d-4438-a013-e3ee23b57b7c'
  const base = ({ issuer, audience }: TokenMint, iat: number): JsonObject => ({
    aud: audience,
    iss: issuer,
    iat,
    nbf: iat,
    exp: iat + 3900,
    aio: 'k2JgYIjYflXSc2uLsCp7yoIdwicvi8cZ330VsXLO3zqBCgNlzbMA',
    rh: '1.ARMBJq1glm2JOESgE-PuI7V7fO8owc3KCcpGo0lXwMJIytc6AQATAQ.',
    tid,
    uti: 'DTC1G0ijhESz2e3QkNyXAA',
    ver,
  })
  const client =
    ver === '1.0'
      ? { appid: clientId, appidacr: '1', idp: `https://sts.windows.net/${tid}/` }
      : { azp: clientId, azpacr: '1' }
  const oid = 'a76af145-b80a-4fd9-9c76-bf56f8b3b009'
  const subject = 'eZpNoezAlvEj_s2QiHObH7mP7VN3VvAsTR_cbMQJEb8'
  const person = {
    oid: 'c78e37f1-26c5-4c45-8f24-8f3bb195625a',
    sub: subject,
    name: 'Ada Lovelace',
    ...(ver === '1.0'
      ? { amr: ['pwd'], unique_name: 'ada@shop.example', upn: 'ada@shop.example' }
      : { preferred_username: 'ada@shop.example' }),
  }
  return tokensOf(`Entra ${ver}`, 'entra', [
    {
      kind: 'client',
      principal: { kind: 'client', clientId, scopes: READ, roles: READ },
      typ: 'JWT',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        ...client,
        oid,
        roles: ['orders:read'],
        sub: oid,
      }),
    },
    {
      kind: 'user',
      principal: {
        kind: 'user',
        subject,
        clientId,
        scopes: READ,
        roles: new Set(['Orders.Manager']),
      },
      typ: 'JWT',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        ...client,
        ...person,
        scp: 'orders:read',
        roles: ['Orders.Manager'],
      }),
    },
    {
      kind: 'id token',
      typ: 'JWT',
      claims: (mint, iat) => ({
        ...base(mint, iat),
        ...person,
        roles: ['orders:read'],
        nonce: '12345',
      }),
    },
  ])
}
