import { generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { parseDerSignature } from '@countersign/protocol'

/** Who issues the tokens of the bench, and for which API. */
export const ISSUER = 'https://as.example'
export const AUDIENCE = 'https://api.example/orders'

/** Algorithms that tokens are signed with here. */
export type BenchAlgorithm = 'ES256' | 'RS256' | 'Ed25519'

/** Access tokens of RFC 9068, all different, and the key that they are signed with. */
export interface AccessTokens {
  readonly algorithm: BenchAlgorithm
  readonly tokens: readonly string[]
  readonly publicKey: KeyObject
  readonly pem: string
  readonly jwks: { readonly keys: readonly (object & { readonly kid: string })[] }
}

/** Makes that many tokens under a new key. `alg` names it in the header where peers want another name. */
export function accessTokens(
  algorithm: BenchAlgorithm,
  count: number,
  alg: string = algorithm,
): AccessTokens {
  const { publicKey, privateKey } = keys(algorithm)
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg, use: 'sig' }
  return {
    algorithm,
    tokens: Array.from({ length: count }, () => token(algorithm, alg, privateKey)),
    publicKey,
    pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    jwks: { keys: [jwk] },
  }
}

/** The digest that `crypto.verify` wants for an algorithm. */
export function digestOf(algorithm: BenchAlgorithm): 'sha256' | null {
  return algorithm === 'Ed25519' ? null : 'sha256'
}

function keys(algorithm: BenchAlgorithm): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (algorithm === 'RS256') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return generateKeyPairSync('ed25519')
}

function token(algorithm: BenchAlgorithm, alg: string, key: KeyObject): string {
  const iat = Math.floor(Date.now() / 1000)
  const claims = {
    iss: ISSUER,
    sub: 'billing',
    client_id: 'billing',
    aud: AUDIENCE,
    scope: 'orders:read orders:write',
    iat,
    exp: iat + 86_400,
    jti: randomUUID(),
  }
  const input = [{ typ: 'at+jwt', alg, kid: 'bench' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign(digestOf(algorithm), Buffer.from(input), key)
  const joseSignature = algorithm === 'ES256' ? parseDerSignature(signature, 32) : signature
  return `${input}.${Buffer.from(joseSignature ?? []).toString('base64url')}`
}
