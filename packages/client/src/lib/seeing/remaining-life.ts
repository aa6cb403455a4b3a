import { assertKnownOptions, optionalFunction, optionalNumber } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { assertSource } from '../assert-source.ts'
import type { TokenSource } from '../token-source.ts'
import { metricsOptions, type MetricsOptions } from './client-metrics.ts'
import type { TelemetryMeter } from './opentelemetry-api.ts'

/** How often is looked, and with what. */
export interface RemainingLifeOptions extends MetricsOptions {
  /** One call of so many is measured, the first among them. Default 100. */
  readonly every?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const REMAINING_LIFE_OPTIONS: readonly (keyof RemainingLifeOptions)[] = [
  'attributes',
  'every',
  'now',
]

/** Seconds. A full hour and a full day stand apart; below a minute, renewal comes too late. */
const LIVES = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 2700, 3600, 14_400, 43_200, 86_400]

/**
 * A source that measures how long tokens still live when they are used:
 * `countersign.client.token.remaining_life`, a histogram in seconds.
 *
 * Put it around a source that keeps tokens, such as `auth.source`. Calls that are not measured get
 * the source's own promise, at the cost of one addition. Tokens without an end are not measured.
 *
 * Throws when made: `ArgumentError`. Rejects: as the source does.
 */
export function remainingLife(
  source: TokenSource,
  meter: TelemetryMeter,
  options: RemainingLifeOptions = {},
): TokenSource {
  assertSource('remainingLife', source)
  assertKnownOptions('remainingLife', options, REMAINING_LIFE_OPTIONS)
  const { every: given, now: clock, ...rest }: RemainingLifeOptions = options
  const { attributes } = metricsOptions('remainingLife', meter, rest)
  const bounds = { fallback: 100, min: 1, max: 1_000_000_000 }
  const every = optionalNumber('remainingLife', 'every', given, bounds)
  const now = optionalFunction('remainingLife', 'now', clock, Date.now)
  const histogram = meter.createHistogram('countersign.client.token.remaining_life', {
    unit: 's',
    description: 'Life left of tokens when they are used',
    advice: { explicitBucketBoundaries: LIVES },
  })
  const measure = ({ expiresAt }: AccessToken): void => {
    if (expiresAt !== undefined) histogram.record((expiresAt - now()) / 1000, attributes)
  }
  let calls = 0

  return (request) => {
    const token = source(request)
    // A failure is for the caller, who has the promise itself; one of the meter is for nobody.
    if (calls++ % every === 0) token.then(measure).catch(() => {})
    return token
  }
}
