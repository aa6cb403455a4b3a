import { generateKeyPairSync, randomBytes } from 'node:crypto'
import {
  importVerifier,
  type SignatureAlgorithm,
  type SignatureVerifier,
} from '@countersign/verify'

/**
 * Checks a signature against a key that nobody has: the work that is done where there is no key to
 * check with, so that the time taken does not tell a client that exists from one that does not.
 */
export function standInVerifier(algorithm: SignatureAlgorithm | undefined): SignatureVerifier {
  const name = algorithm ?? 'ES256'
  const known = standIns.get(name)
  if (known !== undefined) return known
  const imported = importVerifier(standInKey(name), name)
  const verifier: SignatureVerifier = {
    async verify(input, signature) {
      await (await imported)?.verify(input, signature)
      return false
    },
  }
  standIns.set(name, verifier)
  return verifier
}

const standIns = new Map<SignatureAlgorithm, SignatureVerifier>()

function standInKey(algorithm: SignatureAlgorithm): Parameters<typeof importVerifier>[0] {
  if (algorithm === 'RS256' || algorithm === 'PS256') {
    // Any odd number of the right size takes as long, and is made at once.
    const n = randomBytes(256)
    n[0] = 0xc0 | (n[0] ?? 0)
    n[255] = 1 | (n[255] ?? 0)
    return { kty: 'RSA', n: n.toString('base64url'), e: 'AQAB' }
  }
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') {
    const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    return { kty: 'OKP', crv: 'Ed25519', x }
  }
  if (algorithm === 'ES256') {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
    return { kty: 'EC', crv: 'P-256', x, y }
  }
  const bytes = randomBytes(algorithm === 'ML-DSA-44' ? 1312 : 1952)
  return { kty: 'AKP', alg: algorithm, pub: bytes.toString('base64url') }
}
