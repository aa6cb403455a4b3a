import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import {
  formatBase64url,
  formatCompactJws,
  formatJwkSet,
  type JsonObject,
} from '@countersign/protocol'

/** Algorithms a mint can sign with. The last two need Node 24. */
export type MintAlgorithm =
  | 'ES256'
  | 'RS256'
  | 'PS256'
  | 'EdDSA'
  | 'Ed25519'
  | 'ML-DSA-44'
  | 'ML-DSA-65'

/** Signs JWT access tokens with one key, honest ones and others. */
export interface TokenMint {
  readonly issuer: string
  readonly audience: string
  readonly kid: string
  readonly algorithm: MintAlgorithm
  readonly publicKey: KeyObject
  /** The public key as its issuer publishes it. */
  readonly jwk: JsonObject
  /** The JWK set of this one key. */
  readonly jwks: JsonObject
  /** The mint's clock. */
  readonly now: () => number
  /** Claims of a good token at this instant. An override of `undefined` takes the claim away. */
  claims(overrides?: JsonObject): JsonObject
  /** A good token, apart from what is overridden in its claims and header. */
  token(overrides?: { readonly claims?: JsonObject; readonly header?: JsonObject }): string
  /** Signs any header and payload, given as JSON or as the very text. */
  sign(header: JsonObject | string, payload: JsonObject | string): string
}

export interface TokenMintOptions {
  readonly issuer: string
  readonly audience: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Default ES256. */
  readonly algorithm?: MintAlgorithm
  readonly kid?: string
}

/**
 * A mint with a fresh key. Its good token is of the client `billing`, with the scope `orders:read`,
 * and lives ten minutes.
 */
export function tokenMint({
  issuer,
  audience,
  now,
  algorithm = 'ES256',
  kid = 'mint-1',
}: TokenMintOptions): TokenMint {
  const { publicKey, privateKey } = generateKeys(algorithm)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }
  let minted = 0

  function signText(header: JsonObject | string, payload: JsonObject | string): string {
    const input = `${segment(header)}.${segment(payload)}`
    return formatCompactJws(input, signature(algorithm, input, privateKey))
  }

  function claims(overrides: JsonObject = {}): JsonObject {
    const iat = Math.floor(now() / 1000)
    return {
      iss: issuer,
      sub: 'billing',
      client_id: 'billing',
      aud: audience,
      iat,
      exp: iat + 600,
      jti: `token-${++minted}`,
      scope: 'orders:read',
      ...overrides,
    }
  }

  return {
    issuer,
    audience,
    kid,
    algorithm,
    publicKey,
    jwk,
    jwks: formatJwkSet([jwk]),
    now,
    claims,
    sign: signText,
    token: (overrides = {}) =>
      signText(
        { typ: 'at+jwt', alg: algorithm, kid, ...overrides.header },
        claims(overrides.claims),
      ),
  }
}

function segment(part: JsonObject | string): string {
  return formatBase64url(Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)))
}

function generateKeys(algorithm: MintAlgorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return generateKeyPairSync('ed25519')
  if (algorithm === 'ML-DSA-44') return generateKeyPairSync('ml-dsa-44')
  if (algorithm === 'ML-DSA-65') return generateKeyPairSync('ml-dsa-65')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

function signature(algorithm: MintAlgorithm, input: string, key: KeyObject): Buffer {
  const data = Buffer.from(input)
  if (algorithm === 'ES256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  if (algorithm === 'PS256') return sign('sha256', data, { key, padding: 6, saltLength: 32 })
  return sign(algorithm === 'RS256' ? 'sha256' : null, data, key)
}
