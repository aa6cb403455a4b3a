import { isJsonObject, MAX_JWK_SET_KEYS, parseBase64Der } from '@countersign/protocol'
import { sha256Base64url } from '../digest/sha256.ts'
import type { ClientCertificate } from './client-certificate.ts'

/**
 * Whether a certificate is one of those in a JWK set: the first of the `x5c` of a key, byte by byte.
 *
 * This is how a self-signed certificate is known. Its names and its chain say nothing, so that it need
 * not be `verified`. What is no JWK set holds no certificate.
 * Source: RFC 8705 section 2.2; RFC 7517 section 4.7.
 */
export async function isInJwkSet(
  { thumbprint }: Pick<ClientCertificate, 'thumbprint'>,
  jwks: unknown,
): Promise<boolean> {
  const keys: unknown = isJsonObject(jwks) ? jwks['keys'] : undefined
  if (!Array.isArray(keys) || keys.length > MAX_JWK_SET_KEYS) return false
  for (const key of keys as unknown[]) {
    const chain = isJsonObject(key) ? key['x5c'] : undefined
    const first: unknown = Array.isArray(chain) ? chain[0] : undefined
    const der = typeof first === 'string' ? parseBase64Der(first) : undefined
    if (der?.ok === true && (await sha256Base64url(der.value)) === thumbprint) return true
  }
  return false
}
