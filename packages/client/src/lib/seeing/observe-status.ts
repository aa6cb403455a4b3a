import { ArgumentError } from '@countersign/protocol'
import { metricsOptions, type MetricsOptions } from './client-metrics.ts'
import type { TelemetryMeter, TelemetryObservable } from './opentelemetry-api.ts'

/** What is read of `auth.status()`. */
export interface ObservableStatus {
  readonly state: 'empty' | 'good' | 'failing' | 'failed'
  /** Milliseconds the held token still lives. */
  readonly expiresIn: number | undefined
  readonly tokenRequests: number
  readonly tokensServed: number
}

const STATES = ['empty', 'good', 'failing', 'failed'] as const

/**
 * Reads the counts of a client whenever metrics are collected: calls that a held token answers are
 * counted without any cost to them.
 *
 * | Metric | Unit | |
 * | --- | --- | --- |
 * | `countersign.client.tokens.served` | `{token}` | calls that were given a token or waited for one |
 * | `countersign.client.requests.saved` | `{request}` | those for which no request was made |
 * | `countersign.client.token.expires_in` | `s` | life left of the held token |
 * | `countersign.client.state` | `1` | 1 for the state it is in, 0 for the others, by `countersign.state` |
 *
 * Gives a function that ends it. Throws: `ArgumentError`.
 *
 * @example const stop = observeStatus(metrics.getMeter('billing'), auth.status)
 */
export function observeStatus(
  meter: TelemetryMeter,
  status: () => ObservableStatus,
  options: MetricsOptions = {},
): () => void {
  const { attributes } = metricsOptions('observeStatus', meter, options)
  if (typeof status !== 'function') {
    const message = "observeStatus: 'status' must be a function, such as auth.status"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'status', message)
  }
  const ends: (() => void)[] = []
  let saved = 0
  const watch = (
    instrument: TelemetryObservable,
    callback: Parameters<TelemetryObservable['addCallback']>[0],
  ): void => {
    instrument.addCallback(callback)
    ends.push(() => instrument.removeCallback(callback))
  }
  const counter = (name: string, unit: string, description: string) =>
    meter.createObservableCounter(`countersign.client.${name}`, { unit, description })
  const gauge = (name: string, unit: string, description: string) =>
    meter.createObservableGauge(`countersign.client.${name}`, { unit, description })

  watch(counter('tokens.served', '{token}', 'Calls that got a token'), (result) => {
    result.observe(status().tokensServed, attributes)
  })
  watch(counter('requests.saved', '{request}', 'Calls that made no token request'), (result) => {
    const { tokensServed, tokenRequests } = status()
    // Renewals ahead and failed requests answer no call, and the difference dips: a counter must not.
    saved = Math.max(saved, tokensServed - tokenRequests)
    result.observe(saved, attributes)
  })
  watch(gauge('token.expires_in', 's', 'Life left of the held token'), (result) => {
    const { expiresIn } = status()
    if (expiresIn !== undefined) result.observe(expiresIn / 1000, attributes)
  })
  watch(gauge('state', '1', 'Which state the client is in'), (result) => {
    const { state } = status()
    for (const one of STATES) {
      result.observe(one === state ? 1 : 0, { ...attributes, 'countersign.state': one })
    }
  })
  return () => {
    for (const end of ends.splice(0)) end()
  }
}
