import { failureAttributes } from './failure-attributes.ts'
import {
  SPAN_STATUS_ERROR,
  type TelemetryAttributes,
  type TelemetrySpan,
  type TelemetryTracer,
} from './opentelemetry-api.ts'

/** A span to be made. */
export interface SpanSettings {
  readonly name: string
  readonly kind: number
  /** Whether it begins a trace of its own. */
  readonly root?: boolean
  readonly attributes: TelemetryAttributes
}

/**
 * Does work in a span that is active meanwhile, and ends with it. A failure marks the span, with
 * nothing of the error but {@link failureAttributes}, and is passed on.
 */
export function inSpan<Result>(
  tracer: TelemetryTracer,
  { name, ...settings }: SpanSettings,
  work: (span: TelemetrySpan) => Promise<Result>,
): Promise<Result> {
  return tracer.startActiveSpan(name, settings, async (span) => {
    try {
      return await work(span)
    } catch (error) {
      span.setAttributes(failureAttributes(error))
      span.setStatus({ code: SPAN_STATUS_ERROR })
      throw error
    } finally {
      span.end()
    }
  })
}
