import type { TokenErrorCode } from '@countersign/protocol'
import { REFUSAL_REASONS, type RefusalReason } from './refusal-reasons.ts'

/**
 * A token request that is refused. Thrown inside the token endpoint, which answers with it.
 *
 * Its text is constant, out of the catalogue: nothing of the request can leak through it.
 */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly reason: RefusalReason
  /** The registered client that the request named, where it is known already. */
  readonly clientId: string | undefined

  constructor(reason: RefusalReason, clientId?: string) {
    super(REFUSAL_REASONS[reason].meaning)
    this.reason = reason
    this.clientId = clientId
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
