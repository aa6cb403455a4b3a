import type { SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'

/** How long after its last token can have expired a key stays published, in milliseconds: an hour. */
export const RETAIN = 3_600_000

/** How far the clocks of nodes may be apart, in milliseconds: what is to hold at once is dated back. */
export const CLOCK_TOLERANCE = 60_000

/** The keys that verifiers may need at `at`: announced, signing and retained ones. */
export function publishedKeys(
  keys: Iterable<SigningKeyRecord>,
  at: number,
): readonly SigningKeyRecord[] {
  return Array.from(keys).filter((key) => isPublished(key, at))
}

/** Whether a key stands in the JWK set at `at`. */
export function isPublished(key: SigningKeyRecord, at: number): boolean {
  return key.withdrawAt === null || at < key.withdrawAt
}

/**
 * The key that signs at `at`: of the published ones of an algorithm, the one that took over last.
 *
 * Every node answers the same for the same instant; a tie goes to the greater `kid`.
 */
export function signingKeyAt<T extends { readonly record: SigningKeyRecord }>(
  keys: Iterable<T>,
  alg: SigningAlgorithm,
  at: number,
): T | undefined {
  let chosen: T | undefined
  for (const key of keys) {
    const { record } = key
    if (record.alg !== alg || record.signsFrom > at || !isPublished(record, at)) continue
    if (chosen === undefined || isLater(record, chosen.record)) chosen = key
  }
  return chosen
}

/**
 * What becomes of the earlier keys of an algorithm when one that signs from `signsFrom` joins: those
 * that change.
 *
 * A key that has signed, or will before `signsFrom`, stays until its last token has expired. One that
 * was to take over later never signed anything and is withdrawn at once.
 */
export function retiredKeys(
  keys: Iterable<SigningKeyRecord>,
  {
    now,
    signsFrom,
    longestLifetimeSeconds,
    retain = RETAIN,
  }: {
    readonly now: number
    readonly signsFrom: number
    readonly longestLifetimeSeconds: number
    readonly retain?: number
  },
): readonly SigningKeyRecord[] {
  const lastNeeded = signsFrom + longestLifetimeSeconds * 1000 + retain
  return Array.from(keys)
    .filter((key) => isPublished(key, now))
    .map((key) => {
      const withdrawAt = key.signsFrom >= signsFrom && key.signsFrom > now ? now : lastNeeded
      return { ...key, withdrawAt: Math.min(key.withdrawAt ?? Infinity, withdrawAt) }
    })
}

function isLater(left: SigningKeyRecord, right: SigningKeyRecord): boolean {
  return left.signsFrom === right.signsFrom
    ? left.kid > right.kid
    : left.signsFrom > right.signsFrom
}
