import type { TelemetryAttributes, TelemetryMeter } from '@countersign/guard/opentelemetry'

/** A measurement: which instrument, which value, which attributes. */
export type Measurement = readonly [name: string, value: number, attributes?: TelemetryAttributes]

/** A meter that remembers what it was told. */
export function recordingMeter(): { meter: TelemetryMeter; measured: Measurement[] } {
  const measured: Measurement[] = []
  const told = (name: string) => (value: number, attributes?: TelemetryAttributes) =>
    void measured.push(attributes === undefined ? [name, value] : [name, value, attributes])
  return {
    meter: {
      createCounter: (name) => ({ add: told(name) }),
      createHistogram: (name) => ({ record: told(name) }),
    },
    measured,
  }
}
