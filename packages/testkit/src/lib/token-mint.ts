import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
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

/** A header or a payload: JSON, or the very text or bytes. */
type Part = JsonObject | string | Uint8Array

/** Signs JWT access tokens with one key, honest ones and others. */
export interface TokenMint {
  readonly issuer: string
  readonly audience: string
  /** The client that good tokens are issued to and are about. */
  readonly clientId: string
  /** The scopes of good tokens, with blanks between. */
  readonly scope: string
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
  /** Signs any header and payload. */
  sign(header: Part, payload: Part): string
}

export interface TokenMintOptions {
  readonly issuer: string
  readonly audience: string
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Default ES256. */
  readonly algorithm?: MintAlgorithm
  /** Default `mint-1`. */
  readonly kid?: string
  /** A private key that fits the algorithm. Default: a fresh one. */
  readonly privateKey?: KeyObject
  /** Default `billing`. */
  readonly clientId?: string
  /** Default `orders:read`. */
  readonly scope?: string
  /** Claims that good tokens have besides. */
  readonly claims?: JsonObject
}

/** A mint. Its good tokens live ten minutes. */
export function tokenMint({
  issuer,
  audience,
  now,
  algorithm = 'ES256',
  kid = 'mint-1',
  privateKey = generatePrivateKey(algorithm),
  clientId = 'billing',
  scope = 'orders:read',
  claims: besides = {},
}: TokenMintOptions): TokenMint {
  const publicKey = createPublicKey(privateKey)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: algorithm, use: 'sig' }
  let minted = 0

  function signText(header: Part, payload: Part): string {
    const input = `${segment(header)}.${segment(payload)}`
    return formatCompactJws(input, signature(algorithm, input, privateKey))
  }

  function claims(overrides: JsonObject = {}): JsonObject {
    const iat = Math.floor(now() / 1000)
    return {
      iss: issuer,
      sub: clientId,
      client_id: clientId,
      aud: audience,
      iat,
      exp: iat + 600,
      jti: `token-${++minted}`,
      scope,
      ...besides,
      ...overrides,
    }
  }

  return {
    issuer,
    audience,
    clientId,
    scope,
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

function segment(part: Part): string {
  if (part instanceof Uint8Array) return formatBase64url(part)
  return formatBase64url(Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)))
}

function generatePrivateKey(algorithm: MintAlgorithm): KeyObject {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') {
    return generateKeyPairSync('ed25519').privateKey
  }
  if (algorithm === 'ML-DSA-44') return generateKeyPairSync('ml-dsa-44').privateKey
  if (algorithm === 'ML-DSA-65') return generateKeyPairSync('ml-dsa-65').privateKey
  return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
}

function signature(algorithm: MintAlgorithm, input: string, key: KeyObject): Buffer {
  const data = Buffer.from(input)
  if (algorithm === 'ES256') return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' })
  if (algorithm === 'PS256') return sign('sha256', data, { key, padding: 6, saltLength: 32 })
  return sign(algorithm === 'RS256' ? 'sha256' : null, data, key)
}
