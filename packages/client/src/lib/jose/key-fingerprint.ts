import { jwkThumbprint, type PublicJwk } from './public-jwk.ts'

/**
 * Names a key: by its thumbprint, by its `kid` where the public half is not known, and at random,
 * for this process only, where neither is.
 */
export async function keyFingerprint(
  alg: string,
  jwk: PublicJwk | undefined,
  kid: string | undefined,
): Promise<string> {
  if (jwk !== undefined) return `jkt:${await jwkThumbprint(jwk)}`
  return kid === undefined ? `key:${crypto.randomUUID()}` : `kid:${alg}:${kid}`
}
