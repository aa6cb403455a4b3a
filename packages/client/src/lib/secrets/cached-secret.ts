import { ArgumentError, assertKnownOptions, optionalNumber } from '@countersign/protocol'
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
  let held: { readonly secrets: readonly string[]; readonly readAt: number } | undefined
  let reading: Promise<readonly string[]> | undefined

  async function readOnce(reread: boolean): Promise<readonly string[]> {
    const readAt = now()
    try {
      const secrets = await readSecrets(source, { reread })
      held = { secrets, readAt }
      return secrets
    } catch (error) {
      if (held === undefined || now() >= held.readAt + kept + stale) throw error
      return held.secrets
    } finally {
      reading = undefined
    }
  }

  return ({ reread = false } = {}) => {
    if (!reread && held !== undefined && now() < held.readAt + kept) return held.secrets
    // Where a promise must not cross requests, each asks for itself and all share what comes.
    if (isRequestBound()) return readOnce(reread)
    return (reading ??= readOnce(reread))
  }
}

function isRequestBound(): boolean {
  return globalThis.navigator?.userAgent === 'Cloudflare-Workers'
}
