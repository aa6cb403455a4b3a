/** One family of metrics: a name, what it says, and its values by label. */
export interface MetricFamily {
  /** Without the suffix `_total` of a counter. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly samples: readonly MetricSample[]
}

/** One value. */
export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** The media type of {@link formatOpenMetrics}. */
export const OPEN_METRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** Metrics in the text form that Prometheus reads. Families without a value are left out. */
export function formatOpenMetrics(families: readonly MetricFamily[]): string {
  const lines = families.flatMap(({ name, type, help, samples }) =>
    samples.length === 0
      ? []
      : [`# TYPE ${name} ${type}`, `# HELP ${name} ${help}`, ...samples.map(line(name, type))],
  )
  return `${[...lines, '# EOF'].join('\n')}\n`
}

function line(name: string, type: MetricFamily['type']): (sample: MetricSample) => string {
  const full = type === 'counter' ? `${name}_total` : name
  return ({ labels = {}, value }) => {
    const inner = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
    return `${full}${inner.length === 0 ? '' : `{${inner.join(',')}}`} ${value}`
  }
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
