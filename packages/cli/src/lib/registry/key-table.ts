import type { SigningKeySummary } from '@countersign/server'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTime, isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'

/** What a signing key is doing. */
type KeyPhase = 'announced' | 'signing' | 'retained' | 'withdrawn'

/** Signing keys as a table, in the order they sign from. */
export function keyTable(keys: readonly SigningKeySummary[], now: number): string {
  const signing = signingKid(keys, now)
  return alignedTable(
    ['KEY', 'ALGORITHM', 'STATE'],
    keys.map((key) => [key.kid, key.alg, inWords(key, phase(key, signing, now), now)]),
  )
}

/** Signing keys as `--json` gives them. */
export function keyJson(keys: readonly SigningKeySummary[], now: number): readonly object[] {
  const signing = signingKid(keys, now)
  return keys.map((key) => ({
    kid: key.kid,
    alg: key.alg,
    state: phase(key, signing, now),
    created_at: isoTime(key.createdAt),
    signs_from: isoTime(key.signsFrom),
    withdrawn_at: isoTimeOrNull(key.withdrawAt),
  }))
}

function signingKid(keys: readonly SigningKeySummary[], now: number): string | undefined {
  return keys
    .filter((key) => key.signsFrom <= now && now < (key.withdrawAt ?? Infinity))
    .toSorted((left, right) => left.signsFrom - right.signsFrom || (left.kid < right.kid ? -1 : 1))
    .at(-1)?.kid
}

function phase(key: SigningKeySummary, signing: string | undefined, now: number): KeyPhase {
  if (now >= (key.withdrawAt ?? Infinity)) return 'withdrawn'
  if (key.kid === signing) return 'signing'
  return key.signsFrom > now ? 'announced' : 'retained'
}

function inWords(key: SigningKeySummary, state: KeyPhase, now: number): string {
  const { signsFrom, withdrawAt } = key
  const withdrawal = withdrawAt === null ? '' : relativeTime(withdrawAt, now)
  if (state === 'withdrawn') return `withdrawn ${withdrawal}`
  if (state === 'announced') return `announced, signs ${relativeTime(signsFrom, now)}`
  if (state === 'retained') return `retained, withdrawn ${withdrawal || 'later'}`
  return withdrawal === '' ? 'signs' : `signs, withdrawn ${withdrawal}`
}
