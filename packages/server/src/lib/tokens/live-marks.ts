import { createHash } from 'node:crypto'
import type { RevocationTarget } from '../registry/records.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'

/** One thing that ends tokens, under a name that tells nobody what it is. */
export interface LiveMark {
  /** The first 128 bits of a SHA-256 over target and identifier, as 22 letters of base64url. */
  readonly digest: string
  /** Tokens issued at or before are ended; `Infinity` for all. Epoch milliseconds. */
  readonly notAfter: number
  /** From then on the mark has served; `Infinity` where that is not known. Epoch milliseconds. */
  readonly expiresAt: number
}

/** No token lives longer than 30 days, in milliseconds. */
export const LONGEST_LIFE = 2_592_000_000
/** Verifiers take tokens for up to so long beyond their end, since clocks differ. Milliseconds. */
export const VERIFIER_TOLERANCE = 60_000

/**
 * Everything that ends tokens at `now`: the revocation marks, and what is disabled or withdrawn.
 *
 * The same facts as `tokenEnd` goes by, turned the other way round: not asked by a token, but told to
 * those who hold one.
 */
export function liveMarks(snapshot: RegistrySnapshot, now: number): readonly LiveMark[] {
  const marks = new Map<string, LiveMark>()
  const add = (target: RevocationTarget, id: string, notAfter: number, expiresAt: number): void => {
    const digest = markDigest(target, id)
    const known = marks.get(digest)
    marks.set(digest, {
      digest,
      notAfter: Math.max(notAfter, known?.notAfter ?? 0),
      expiresAt: Math.max(expiresAt, known?.expiresAt ?? 0),
    })
  }
  for (const { target, id, notAfter, expiresAt } of snapshot.revocations.values()) {
    if (expiresAt > now) add(target, id, notAfter, expiresAt)
  }
  for (const { client, credentials } of snapshot.clients.values()) {
    if (client.state !== 'active') add('client', client.clientId, Infinity, Infinity)
    for (const { credentialId, state } of credentials.values()) {
      if (state !== 'active') add('credential', credentialId, Infinity, Infinity)
    }
  }
  for (const { resource, state } of snapshot.resources.values()) {
    if (state !== 'active') add('resource', resource, Infinity, Infinity)
  }
  for (const { kid, withdrawAt } of snapshot.signingKeys.values()) {
    if (withdrawAt === null || withdrawAt > now || withdrawAt + LONGEST_LIFE <= now) continue
    add('signing_key', kid, Infinity, withdrawAt + LONGEST_LIFE)
  }
  return Array.from(marks.values())
}

/**
 * The name of a target in the feed: the first 128 bits of a SHA-256, as 22 letters of base64url.
 *
 * Whoever holds a token finds its marks; whoever holds the feed learns no client, resource or `jti`.
 */
function markDigest(target: RevocationTarget, id: string): string {
  const key = `${target} ${id}`
  let digest = digests.get(key)
  if (digest === undefined) {
    digest = createHash('sha256').update(key).digest('base64url').slice(0, 22)
    if (digests.size >= MAX_DIGESTS) digests.clear()
    digests.set(key, digest)
  }
  return digest
}

/** A feed names mostly what the one before named. */
const digests = new Map<string, string>()
const MAX_DIGESTS = 50_000
