import { ArgumentError } from '@countersign/protocol'
import type { SignatureVerifier } from './signature-verifier.ts'

/** Fewest bytes of a secret that can check HS256: as many as the hash has. */
export const MIN_HMAC_SECRET = 32

/**
 * A verifier for HS256 by a secret that both sides hold, as in `client_secret_jwt`: its key is the
 * secret's UTF-8 text. It compares in constant time.
 *
 * Keys of this kind are made here and nowhere else: no JWK set leads to one, whatever it holds and
 * whatever algorithm a header names. `undefined` for a secret shorter than {@link MIN_HMAC_SECRET}.
 * Rejects: `ArgumentError` for the text of a key, which its owner may have published.
 * Source: RFC 7518 section 3.2; RFC 8725 sections 3.1 and 3.5.
 */
export async function importHmacVerifier(secret: string): Promise<SignatureVerifier | undefined> {
  if (KEY_TEXT.test(secret)) {
    const message = "importHmacVerifier: 'secret' is the text of a key, not a secret"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'secret', message)
  }
  const bytes = ENCODER.encode(secret)
  if (bytes.length < MIN_HMAC_SECRET) return undefined
  const { subtle } = globalThis.crypto
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await subtle.importKey('raw', bytes, algorithm, false, ['verify'])
  return {
    async verify(input, signature) {
      // RFC 7518 section 3.2: no shorter tag passes for a whole one.
      if (signature.length !== 32) return false
      try {
        return await subtle.verify(
          'HMAC',
          key,
          signature,
          typeof input === 'string' ? ENCODER.encode(input) : input,
        )
      } catch {
        return false
      }
    },
  }
}

const ENCODER = new TextEncoder()

/** PEM, a JWK or an SSH key, with whatever stands before it. */
const KEY_TEXT = /-----BEGIN |"kty"|(?:^|\s)(?:ssh|ecdsa)-[a-z\d-]+ AAAA/
