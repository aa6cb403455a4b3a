/**
 * Spans and metrics of a client, for OpenTelemetry.
 *
 * Tracer and meter are handed in: nothing here depends on OpenTelemetry, and any version of its API
 * with their shape will do.
 *
 * @module
 */
export { traced, type TracedOptions } from './lib/seeing/traced.ts'
export { tracedFetch, type TracedFetchOptions } from './lib/seeing/traced-fetch.ts'
export { clientMetrics, type MetricsOptions } from './lib/seeing/client-metrics.ts'
export { observeStatus, type ObservableStatus } from './lib/seeing/observe-status.ts'
export { remainingLife, type RemainingLifeOptions } from './lib/seeing/remaining-life.ts'
export { observed, type ObservedOptions } from './lib/seeing/observed.ts'
export type {
  TelemetryAttributes,
  TelemetryCallback,
  TelemetryCounter,
  TelemetryHistogram,
  TelemetryInstrumentOptions,
  TelemetryMeter,
  TelemetryObservable,
  TelemetrySpan,
  TelemetryTracer,
} from './lib/seeing/opentelemetry-api.ts'
export type { RequestCause } from './lib/events.ts'
