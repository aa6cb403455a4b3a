import type { AccessTokenClaims } from '@countersign/protocol'
import { sha256Base64url } from '@countersign/verify'
import { onceKnown } from '../once-known.ts'

/** Letters of a digest in a feed: 128 bits of the SHA-256. */
const LENGTH = 22
/** Clients, credentials, keys and APIs whose digests are kept. */
const MAX_KEPT = 1000

/**
 * Gives the digests under which a token's marks would stand in a feed: of the token, its client, credential
 * and key, and of the APIs that it is for. Made once for each token; at once where there is node:crypto.
 */
export function markDigests(): (
  claims: AccessTokenClaims,
  key: string | undefined,
) => readonly string[] | Promise<readonly string[]> {
  const made = new WeakMap<AccessTokenClaims, readonly string[]>()
  const kept = new Map<string, string>()

  function digest(name: string): string | Promise<string> {
    const known = kept.get(name)
    if (known !== undefined) return known
    return onceKnown(sha256Base64url(name), (whole) => keep(name, whole))
  }

  function keep(name: string, whole: string): string {
    const short = whole.slice(0, LENGTH)
    // That of a token is asked for once, the others with each token of the same client.
    if (name.startsWith('token ')) return short
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(name, short)
    return short
  }

  return (claims, key) => {
    const known = made.get(claims)
    if (known !== undefined) return known
    const digests = namesOf(claims, key).map(digest)
    const atOnce = digests.filter((one) => typeof one === 'string')
    const all =
      atOnce.length === digests.length ? atOnce : Promise.all(digests.map(async (one) => one))
    return onceKnown(all, (whole) => {
      made.set(claims, whole)
      return whole
    })
  }
}

function namesOf(
  { aud, jti, client_id: clientId, all }: AccessTokenClaims,
  key: string | undefined,
): readonly string[] {
  const credentialId = all['credential_id']
  const names = [`token ${jti}`, `client ${clientId}`, ...aud.map((one) => `resource ${one}`)]
  if (typeof credentialId === 'string') names.push(`credential ${credentialId}`)
  if (key !== undefined) names.push(`signing_key ${key}`)
  return names
}
