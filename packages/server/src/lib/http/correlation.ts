import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@countersign/protocol'
import { jsonAnswer, NO_STORE, type Answer } from './answer.ts'

/**
 * A name for one answer that went wrong, the same in the answer and in the server's event and audit.
 *
 * Random, of 36 characters, and never taken from the request: a caller could not choose what stands in
 * our logs, nor make two answers look like one.
 */
export function newCorrelationId(): string {
  return randomUUID()
}

/** An error answer that says its correlation identifier: as `correlation_id` and as a header. */
export function errorAnswer(
  status: number,
  members: JsonObject,
  correlationId: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return jsonAnswer(
    status,
    { ...members, correlation_id: correlationId },
    { ...NO_STORE, 'correlation-id': correlationId, ...headers },
  )
}
