import { ArgumentError, assertKnownOptions, optionalNumber } from '@countersign/protocol'
import { isRequestBound } from '../request-bound.ts'
import { readSecrets, type SecretSource } from './secret-source.ts'

/** How long a secret is kept. */
export interface CachedSecretOptions {
  /** Milliseconds a secret is used before its source is asked again. */
  readonly for: number
  /**
   * Milliseconds beyond that for which the kept secret serves while its source fails. Default
   * 3 600 000: one hour. 0 for never.
   */
  readonly staleFor?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const CACHED_SECRET_OPTIONS: readonly (keyof CachedSecretOptions)[] = ['for', 'staleFor', 'now']
const LONGEST = 86_400_000

/**
 * Keeps the secrets of another source in memory, so that a vault is not asked at each exchange.
 *
 * Callers of one moment share one reading. A secret that the server refused is read afresh at once,
 * however young it is: a rotation costs one refused request, not a wait for `for` to pass. While the
 * source fails, what was kept goes on to serve for `staleFor`: a vault that is down fails no call.
 *
 * Throws when made: `ArgumentError`. Throws when used: as the source does.
 *
 * @example clientSecret: cachedSecret(fromVault({ … }), { for: 300_000 })
 */
export function cachedSecret(source: SecretSource, options: CachedSecretOptions): SecretSource {
  if (typeof source !== 'function') {
    const message = "cachedSecret: 'source' must be a secret source"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'source', message)
  }
  assertKnownOptions('cachedSecret', options, CACHED_SECRET_OPTIONS)
  const { for: life, staleFor, now = Date.now }: CachedSecretOptions = options
  if (life === undefined) {
    const message = "cachedSecret: 'for' is required: the milliseconds a secret is kept"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'for', message)
  }
  const bounds = { fallback: 3_600_000, min: 0, max: LONGEST }
  const kept = optionalNumber('cachedSecret', 'for', life, { ...bounds, min: 1 })
  const stale = optionalNumber('cachedSecret', 'staleFor', staleFor, bounds)
  let held: Held | undefined
  let reading: Reading | undefined
  let readings = 0

  async function readOnce(reread: boolean): Promise<readonly string[]> {
    const readAt = now()
    const number = ++readings
    try {
      const secrets = await readSecrets(source, { reread })
      // A slow reading must not put a former secret in the place of a later one.
      if (held === undefined || held.number < number) held = { secrets, readAt, number }
      return secrets
    } catch (error) {
      if (held === undefined || now() >= held.readAt + kept + stale) throw error
      return held.secrets
    } finally {
      if (reading?.number === number) reading = undefined
    }
  }

  return ({ reread = false } = {}) => {
    if (!reread && held !== undefined && isWithin(kept, held.readAt, now())) return held.secrets
    // Where a promise must not cross requests, each asks for itself and all share what comes.
    if (isRequestBound()) return readOnce(reread)
    // A reading that began in good faith may give what was refused meanwhile.
    if (reading !== undefined && (reading.reread || !reread)) return reading.secrets
    const secrets = readOnce(reread)
    reading = { secrets, reread, number: readings }
    return secrets
  }
}

interface Held {
  readonly secrets: readonly string[]
  readonly readAt: number
  /** Which reading it came from, counted in the order of their beginnings. */
  readonly number: number
}

interface Reading {
  readonly secrets: Promise<readonly string[]>
  readonly reread: boolean
  readonly number: number
}

/** Whether a span that began at `since` lasts; not where the clock was set back behind that. */
function isWithin(span: number, since: number, now: number): boolean {
  return now >= since && now < since + span
}
