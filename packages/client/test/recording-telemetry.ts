import type {
  TelemetryAttributes,
  TelemetryCallback,
  TelemetryMeter,
  TelemetryTracer,
} from '../src/opentelemetry.ts'

/** A span as it was recorded. */
export interface RecordedSpan {
  readonly name: string
  readonly kind: number | undefined
  readonly root: boolean | undefined
  attributes: TelemetryAttributes
  status: number | undefined
  ended: boolean
}

/** A tracer that remembers its spans. */
export function recordingTracer(): { tracer: TelemetryTracer; spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = []
  const tracer: TelemetryTracer = {
    startActiveSpan(name, { kind, root, attributes = {} }, run) {
      const span: RecordedSpan = { name, kind, root, attributes, status: undefined, ended: false }
      spans.push(span)
      return run({
        setAttributes: (more) => (span.attributes = { ...span.attributes, ...more }),
        setStatus: ({ code }) => (span.status = code),
        end: () => (span.ended = true),
      })
    },
  }
  return { tracer, spans }
}

/** A measurement: which instrument, which value, which attributes. */
export type Measurement = readonly [name: string, value: number, attributes?: TelemetryAttributes]

/** A meter that remembers what it was told, and can be made to collect. */
export function recordingMeter(): {
  meter: TelemetryMeter
  measured: Measurement[]
  collect: () => Measurement[]
} {
  const measured: Measurement[] = []
  const callbacks = new Map<TelemetryCallback, string>()
  const observable = (name: string) => ({
    addCallback: (callback: TelemetryCallback) => void callbacks.set(callback, name),
    removeCallback: (callback: TelemetryCallback) => void callbacks.delete(callback),
  })
  const told = (name: string) => (value: number, attributes?: TelemetryAttributes) =>
    void measured.push(attributes === undefined ? [name, value] : [name, value, attributes])
  return {
    meter: {
      createCounter: (name) => ({ add: told(name) }),
      createHistogram: (name) => ({ record: told(name) }),
      createObservableCounter: observable,
      createObservableGauge: observable,
    },
    measured,
    collect() {
      const collected: Measurement[] = []
      for (const [callback, name] of callbacks) {
        callback({
          observe: (value, attributes) =>
            void collected.push(
              attributes === undefined ? [name, value] : [name, value, attributes],
            ),
        })
      }
      return collected
    },
  }
}
