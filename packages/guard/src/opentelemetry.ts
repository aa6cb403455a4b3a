/**
 * Metrics of a guard, for OpenTelemetry.
 *
 * The meter is handed in: nothing here depends on OpenTelemetry, and any version of its API with its
 * shape will do.
 *
 * @module
 */
export { guardMetrics, type GuardMetricsOptions } from './lib/seeing/guard-metrics.ts'
export type {
  TelemetryAttributes,
  TelemetryCounter,
  TelemetryHistogram,
  TelemetryInstrumentOptions,
  TelemetryMeter,
} from './lib/seeing/opentelemetry-api.ts'
