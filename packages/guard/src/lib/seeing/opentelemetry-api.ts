/** What OpenTelemetry takes as the value of an attribute, as far as it is used here. */
export type TelemetryAttributes = Readonly<Record<string, string | number | boolean>>

/** How an instrument is described. */
export interface TelemetryInstrumentOptions {
  readonly description?: string
  readonly unit?: string
  readonly advice?: { explicitBucketBoundaries?: number[] }
}

/** A counter of OpenTelemetry. */
export interface TelemetryCounter {
  add(value: number, attributes?: TelemetryAttributes): void
}

/** A histogram of OpenTelemetry. */
export interface TelemetryHistogram {
  record(value: number, attributes?: TelemetryAttributes): void
}

/** The part of OpenTelemetry's `Meter` that is used: `metrics.getMeter('orders')` gives one. */
export interface TelemetryMeter {
  createCounter(name: string, options?: TelemetryInstrumentOptions): TelemetryCounter
  createHistogram(name: string, options?: TelemetryInstrumentOptions): TelemetryHistogram
}
