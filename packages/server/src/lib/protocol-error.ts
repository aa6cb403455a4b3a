import type { JsonObject, TokenErrorCode } from '@countersign/protocol'
import { REFUSAL_REASONS, type RefusalReason } from './refusal-reasons.ts'

/**
 * A client's request that is refused. Thrown inside an endpoint, which answers with it.
 *
 * Its text is constant, out of the catalogue: nothing of the request can leak through it.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly reason: RefusalReason
  /** The registered client that the request named, where it is known already. */
  readonly clientId: string | undefined
  /** For the operator's event only: never a secret, never text that a stranger chose. */
  readonly detail: JsonObject
  /** What the answer's headers must say of it. */
  readonly headers: Readonly<Record<string, string>>

  constructor(
    reason: RefusalReason,
    clientId?: string,
    detail: JsonObject = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(REFUSAL_REASONS[reason].meaning)
    this.reason = reason
    this.clientId = clientId
    this.detail = detail
    this.headers = headers
  }

  /** The `error` member of the answer. */
  get error(): TokenErrorCode {
    return REFUSAL_REASONS[this.reason].error
  }

  /** The HTTP status of the answer. */
  get status(): number {
    return REFUSAL_REASONS[this.reason].status
  }

  /** The `error_description` of the answer. */
  get description(): string {
    return REFUSAL_REASONS[this.reason].description
  }
}
