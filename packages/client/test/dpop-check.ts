import { createHash, createPublicKey, verify, type JsonWebKey } from 'node:crypto'

/** What a checked proof said. */
export interface CheckedProof {
  readonly alg: string
  readonly jwk: JsonWebKey
  readonly claims: Readonly<Record<string, unknown>>
}

interface ProofRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
}

/** The checks of RFC 9449 section 4.3 that need no memory, done by node:crypto alone. Throws. */
export function checkProof({ method, url, headers }: ProofRequest, token?: string): CheckedProof {
  const proof = headers.get('dpop') ?? ''
  const parts = proof.split('.')
  if (parts.length !== 3) throw new Error('not exactly one proof')
  const [head, body, signature] = parts as [string, string, string]
  const header = decode(head)
  const claims = decode(body)
  if (header['typ'] !== 'dpop+jwt') throw new Error('typ')
  const jwk = header['jwk'] as JsonWebKey
  if ('d' in jwk || 'p' in jwk || 'k' in jwk) throw new Error('a private key in a proof')
  const alg = String(header['alg'])
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const input = Buffer.from(`${head}.${body}`)
  const isSigned = verify(
    alg === 'ES256' ? 'sha256' : null,
    input,
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!isSigned) throw new Error('signature')
  const { origin, pathname } = new URL(url)
  if (claims['htm'] !== method) throw new Error(`htm ${String(claims['htm'])}`)
  if (claims['htu'] !== `${origin}${pathname}`) throw new Error(`htu ${String(claims['htu'])}`)
  if (typeof claims['jti'] !== 'string' || claims['jti'].length < 16) throw new Error('jti')
  if (!Number.isInteger(claims['iat'])) throw new Error('iat')
  const ath = token === undefined ? undefined : sha256(token)
  if (claims['ath'] !== ath) throw new Error('ath')
  return { alg, jwk, claims }
}

/** The thumbprint of a P-256 or Ed25519 key. Source: RFC 7638 section 3. */
export function thumbprintOf({ crv, kty, x, y }: JsonWebKey): string {
  return sha256(JSON.stringify(y === undefined ? { crv, kty, x } : { crv, kty, x, y }))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function decode(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
}
