import { ArgumentError } from '@countersign/protocol'
import { readSecrets, type SecretRead, type SecretSource } from './secret-source.ts'

/**
 * Two live secrets as one source: the current one is used, the next one is tried where the server
 * refuses it. So a secret can be replaced at the server and at its clients in any order.
 *
 * Both are read at each exchange. One that cannot be read, because there is no next one yet, is left
 * out; only where neither can be read does this fail, and says why the current one could not.
 *
 * Throws when made: `ArgumentError`. Throws when used: as `current` does.
 *
 * @example clientSecret: currentAndNext(fromFile('/run/secrets/a'), fromFile('/run/secrets/b'))
 */
export function currentAndNext(current: SecretSource, next: SecretSource): SecretSource {
  for (const [option, source] of Object.entries({ current, next })) {
    if (typeof source === 'function') continue
    const message = `currentAndNext: '${option}' must be a secret source`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', option, message)
  }
  return (read) => liveSecrets([current, next], read)
}

/** The secrets of those sources that can be read, in their order, each once. */
export async function liveSecrets(
  sources: readonly SecretSource[],
  read: SecretRead | undefined,
): Promise<readonly string[]> {
  const readings = await Promise.allSettled(sources.map((source) => readSecrets(source, read)))
  const live = readings.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  if (live.length > 0) return [...new Set(live)]
  const failure = readings.find((one) => one.status === 'rejected')
  throw failure?.reason
}
