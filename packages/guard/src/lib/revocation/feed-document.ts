import type { JsonObject } from '@countersign/protocol'

/** What a revocation feed says. */
export interface FeedDocument {
  /** Epoch seconds. */
  readonly iat: number
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly revision: number
  /** By digest, the last `iat` that is ended, in epoch seconds; `Infinity` for all. */
  readonly marks: ReadonlyMap<string, number>
}

/** The header type of a feed. */
export const FEED_TYPE = 'revocation-feed+jwt'

/** No feed is believed for longer, whatever it says of itself. Milliseconds. */
const MAX_LIFE = 86_400_000
/** How far ahead `iat` may lie, milliseconds. */
const MAX_AHEAD = 60_000
const DIGEST = /^[\w-]{22}$/

/**
 * The feed in a payload that its issuer signed; the fault where it is none that counts.
 *
 * One mark that cannot be read spoils it all: to go by the others would let tokens in.
 */
export function readFeedDocument(
  payload: JsonObject,
  {
    issuer,
    now,
    clockTolerance,
    maxMarks,
  }: {
    readonly issuer: string
    readonly now: number
    readonly clockTolerance: number
    readonly maxMarks: number
  },
): FeedDocument | 'unacceptable' | 'expired' | 'too_large' {
  const { iss, iat, exp, revision, marks } = payload
  if (iss !== issuer || !isInstant(iat) || !isInstant(exp)) return 'unacceptable'
  if (!Number.isSafeInteger(revision) || !Array.isArray(marks)) return 'unacceptable'
  if (iat * 1000 > now + MAX_AHEAD) return 'unacceptable'
  const expiresAt = Math.min(exp * 1000, iat * 1000 + MAX_LIFE)
  if (expiresAt + clockTolerance <= now) return 'expired'
  if (marks.length > maxMarks) return 'too_large'
  const byDigest = new Map<string, number>()
  for (const mark of marks as readonly unknown[]) {
    if (!isMark(mark)) return 'unacceptable'
    const [digest, notAfter] = mark
    byDigest.set(digest, Math.max(notAfter ?? Infinity, byDigest.get(digest) ?? 0))
  }
  return { iat, expiresAt, revision: revision as number, marks: byDigest }
}

/** Whether `one` was made later than `other`; of one second, the higher revision. */
export function isNewer(one: FeedDocument, other: FeedDocument): boolean {
  return one.iat === other.iat ? one.revision > other.revision : one.iat > other.iat
}

function isMark(value: unknown): value is readonly [string, number | null, number | null] {
  if (!Array.isArray(value) || value.length !== 3) return false
  const [digest, notAfter, expiresAt] = value as readonly unknown[]
  return (
    typeof digest === 'string' &&
    DIGEST.test(digest) &&
    (notAfter === null || isInstant(notAfter)) &&
    (expiresAt === null || isInstant(expiresAt))
  )
}

function isInstant(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
