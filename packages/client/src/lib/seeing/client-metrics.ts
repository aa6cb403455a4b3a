import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type { ClientEventListener } from '../events.ts'
import { failureAttributes } from './failure-attributes.ts'
import type { TelemetryAttributes, TelemetryMeter } from './opentelemetry-api.ts'

/** What goes with every measurement. */
export interface MetricsOptions {
  /** Such as `{ 'oauth.client_id': 'billing' }`: tells clients of one process apart. */
  readonly attributes?: TelemetryAttributes
}

const METRICS_OPTIONS: readonly (keyof MetricsOptions)[] = ['attributes']

/** Seconds: a token request takes milliseconds where all is well, and a timeout where it is not. */
const DURATIONS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/**
 * An `onEvent` listener that counts.
 *
 * | Metric | Unit | Attributes |
 * | --- | --- | --- |
 * | `countersign.client.token.requests` | `{request}` | `oauth.request.cause`; needs {@link observed} |
 * | `countersign.client.token.duration` | `s` | requests that gave a token |
 * | `countersign.client.token.failures` | `{failure}` | `error.type`, `oauth.error`, `http.response.status_code`, `countersign.retryable`, `countersign.background` |
 * | `countersign.client.token.refused` | `{token}` | tokens an API refused |
 * | `countersign.client.renewal.pauses` | `{pause}` | |
 * | `countersign.client.budget.exceeded` | `{event}` | `countersign.blocked` |
 * | `countersign.client.token.shared` | `{token}` | tokens taken from a shared store |
 * | `countersign.client.store.failures` | `{failure}` | `countersign.operation` |
 *
 * All values of all attributes are from short lists, save what `attributes` brings.
 *
 * Throws when made: `ArgumentError`.
 */
export function clientMetrics(
  meter: TelemetryMeter,
  options: MetricsOptions = {},
): ClientEventListener {
  const { attributes } = metricsOptions('clientMetrics', meter, options)
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(`countersign.client.${name}`, { unit, description })
  const requests = counter('token.requests', '{request}', 'Token requests, by cause')
  const failures = counter('token.failures', '{failure}', 'Token requests that failed')
  const refused = counter('token.refused', '{token}', 'Tokens that an API refused')
  const pauses = counter('renewal.pauses', '{pause}', 'Pauses after refused renewals')
  const exceeded = counter('budget.exceeded', '{event}', 'Token budgets that were exceeded')
  const shared = counter('token.shared', '{token}', 'Tokens taken from a shared store')
  const storeFailures = counter('store.failures', '{failure}', 'Failures of the shared store')
  const duration = meter.createHistogram('countersign.client.token.duration', {
    unit: 's',
    description: 'How long token requests take',
    advice: { explicitBucketBoundaries: DURATIONS },
  })

  return (event) => {
    switch (event.type) {
      case 'token.requested':
        return requests.add(1, { ...attributes, 'oauth.request.cause': event.cause })
      case 'token.obtained':
        return duration.record(event.duration / 1000, attributes)
      case 'token.failed': {
        const { background, error } = event
        const about = { ...failureAttributes(error), 'countersign.background': background }
        return failures.add(1, { ...attributes, ...about })
      }
      case 'token.refused':
        return refused.add(1, attributes)
      case 'renewal.paused':
        return pauses.add(1, attributes)
      case 'budget.exceeded':
        return exceeded.add(1, { ...attributes, 'countersign.blocked': event.blocked })
      case 'token.shared':
        return shared.add(1, attributes)
      case 'store.failed':
        return storeFailures.add(1, { ...attributes, 'countersign.operation': event.operation })
      default:
        // Other events are for logs.
        return undefined
    }
  }
}

/** The options of a function that measures, checked. Throws `ArgumentError`. */
export function metricsOptions(
  caller: string,
  meter: unknown,
  options: MetricsOptions,
): { readonly attributes: TelemetryAttributes } {
  if (typeof (meter as Partial<TelemetryMeter> | null | undefined)?.createCounter !== 'function') {
    const message = `${caller}: 'meter' must be an OpenTelemetry meter, such as metrics.getMeter('…')`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'meter', message)
  }
  assertKnownOptions(caller, options, METRICS_OPTIONS)
  const { attributes = {} }: MetricsOptions = options
  if (typeof attributes !== 'object' || attributes === null) {
    const message = `${caller}: 'attributes' must be an object`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'attributes', message)
  }
  return { attributes: { ...attributes } }
}
