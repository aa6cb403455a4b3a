import { createGuard, type GuardOptions } from '@countersign/guard'
import { revocationFeed, statusLists, type RevocationSource } from '@countersign/guard/revocation'
import { equal, type Check } from './suite.ts'

const ISSUER = 'https://as.example.test'
const AUDIENCE = 'https://api.example.test/orders'
const LIST = `${ISSUER}/statuslists/1`
/** `[0, 1, 2]` with eight bits each, deflated. Source: RFC 1950. */
const STATUSES = 'eJxjYGQCAAAHAAQ'

/** What revocation promises on every runtime: digests, long signed documents and inflating. */
export const REVOCATION_CHECKS: Readonly<Record<string, Check>> = {
  async 'what the feed of the issuer has revoked is refused'() {
    const issuer = await madeUpIssuer()
    const marks = [[await digestOf('token revoked'), null, null]]
    // Longer than any token may be.
    for (let i = 0; i < 400; i++) marks.push([await digestOf(`token ${i}`), null, null])
    const feed = await issuer.sign('revocation-feed+jwt', {
      exp: issuer.iat + 300,
      revision: 1,
      marks,
    })
    const ask = guardOf(issuer, revocationFeed({ url: `${ISSUER}/feed` }), {
      '/feed': ['application/revocation-feed+jwt', feed],
    })
    equal(await ask({ jti: 'revoked' }), '401 revoked')
    equal(await ask({ jti: '399' }), '401 revoked')
    equal(await ask({ jti: 'good' }), 'allowed')
  },
  async 'what a status list says is inflated and obeyed, up to its bound'() {
    const issuer = await madeUpIssuer()
    const claims = { sub: LIST, status_list: { bits: 8, lst: STATUSES } }
    const list = await issuer.sign('statuslist+jwt', claims)
    const documents = { '/statuslists/1': ['application/statuslist+jwt', list] } as const
    const ask = guardOf(issuer, statusLists(), documents)
    const at = (idx: number): Promise<string> =>
      ask({ status: { status_list: { idx, uri: LIST } } })
    equal(
      [await at(0), await at(1), await at(2), await at(3)].join(', '),
      'allowed, 401 revoked, 401 suspended, 401 status_unusable',
    )
    const bounded = guardOf(issuer, statusLists({ maxBytes: 2 }), documents)
    equal(
      await bounded({ status: { status_list: { idx: 0, uri: LIST } } }),
      '503 revocation_unavailable',
    )
  },
}

interface MadeUpIssuer {
  readonly iat: number
  readonly jwks: { readonly keys: readonly JsonWebKey[] }
  sign(typ: string, claims: object): Promise<string>
}

async function madeUpIssuer(): Promise<MadeUpIssuer> {
  const ec = { name: 'ECDSA', namedCurve: 'P-256' }
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ec, true, ['sign', 'verify'])
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
  const iat = Math.floor(Date.now() / 1000)
  return {
    iat,
    jwks: { keys: [{ kty, crv, x, y, kid: 'one', alg: 'ES256' } as JsonWebKey] },
    async sign(typ, claims) {
      const header = { typ, alg: 'ES256', kid: 'one' }
      const input = [header, { iss: ISSUER, iat, ...claims }]
        .map((part) => base64url(new TextEncoder().encode(JSON.stringify(part))))
        .join('.')
      const signature = await crypto.subtle.sign(
        { name: 'ECDSA', hash: 'SHA-256' },
        privateKey,
        new TextEncoder().encode(input),
      )
      return `${input}.${base64url(new Uint8Array(signature))}`
    },
  }
}

/** Gives the verdict on a token of these claims by a guard whose network has these documents. */
function guardOf(
  issuer: MadeUpIssuer,
  revocation: RevocationSource,
  documents: Readonly<Record<string, readonly [mediaType: string, text: string]>>,
): (claims: object) => Promise<string> {
  const fetch: GuardOptions['fetch'] = async (input) => {
    const { pathname } = new URL(new Request(input).url)
    if (pathname === '/jwks') return Response.json(issuer.jwks)
    const [mediaType, text] = documents[pathname] ?? ['text/plain', '']
    return new Response(text, { headers: { 'content-type': mediaType } })
  }
  const guard = createGuard({
    issuer: ISSUER,
    audience: AUDIENCE,
    jwksUri: `${ISSUER}/jwks`,
    fetch,
    revocation,
  })
  return async (claims) => {
    const { iat } = issuer
    const token = await issuer.sign('at+jwt', {
      sub: 'billing',
      client_id: 'billing',
      aud: AUDIENCE,
      exp: iat + 600,
      jti: 'token-1',
      ...claims,
    })
    const headers = new Headers({ authorization: `Bearer ${token}` })
    const verdict = await guard({ method: 'GET', url: AUDIENCE, headers })
    return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
  }
}

/** As docs/server/revocation.md says that a reader finds a mark. */
async function digestOf(name: string): Promise<string> {
  const whole = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(name))
  return base64url(new Uint8Array(whole)).slice(0, 22)
}

function base64url(bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
