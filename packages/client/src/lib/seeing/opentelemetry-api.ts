/** What OpenTelemetry takes as the value of an attribute, as far as it is used here. */
export type TelemetryAttributes = Readonly<Record<string, string | number | boolean>>

/** The part of OpenTelemetry's `Span` that is used. */
export interface TelemetrySpan {
  setAttributes(attributes: TelemetryAttributes): unknown
  setStatus(status: { readonly code: number }): unknown
  end(): void
}

/** The part of OpenTelemetry's `Tracer` that is used: `trace.getTracer('countersign')` gives one. */
export interface TelemetryTracer {
  startActiveSpan<T>(
    name: string,
    options: {
      readonly kind?: number
      readonly root?: boolean
      readonly attributes?: TelemetryAttributes
    },
    run: (span: TelemetrySpan) => T,
  ): T
}

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

/** Reads a value when metrics are collected. */
export type TelemetryCallback = (result: {
  observe(value: number, attributes?: TelemetryAttributes): void
}) => void

/** An observable instrument of OpenTelemetry. */
export interface TelemetryObservable {
  addCallback(callback: TelemetryCallback): void
  removeCallback(callback: TelemetryCallback): void
}

/** The part of OpenTelemetry's `Meter` that is used: `metrics.getMeter('countersign')` gives one. */
export interface TelemetryMeter {
  createCounter(name: string, options?: TelemetryInstrumentOptions): TelemetryCounter
  createHistogram(name: string, options?: TelemetryInstrumentOptions): TelemetryHistogram
  createObservableCounter(name: string, options?: TelemetryInstrumentOptions): TelemetryObservable
  createObservableGauge(name: string, options?: TelemetryInstrumentOptions): TelemetryObservable
}

/** `SpanKind.INTERNAL` */
export const SPAN_KIND_INTERNAL = 0
/** `SpanKind.CLIENT` */
export const SPAN_KIND_CLIENT = 2
/** `SpanStatusCode.ERROR` */
export const SPAN_STATUS_ERROR = 2
