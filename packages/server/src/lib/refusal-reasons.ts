import type { TokenErrorCode } from '@countersign/protocol'
import {
  AUTHENTICATION_REASONS,
  type AuthenticationReason,
} from './client-authentication/authentication-reasons.ts'
import { SECRET_REASONS, type SecretReason } from './client-authentication/secret-reasons.ts'
import { ENDPOINT_REASONS, type EndpointReason } from './endpoints/endpoint-reasons.ts'
import { GRANT_REASONS, type GrantReason } from './grants/grant-reasons.ts'
import { CONSTRAINT_REASONS, type ConstraintReason } from './tokens/constraint-reasons.ts'

/** What is known about one reason for refusing a token request. */
export interface RefusalReasonEntry {
  /** The `error` member of the answer. */
  readonly error: TokenErrorCode
  readonly status: 400 | 401 | 408 | 413
  /**
   * The `error_description` of the answer: constant, and the same for reasons that a stranger must
   * not be able to tell apart.
   */
  readonly description: string
  /** What happened, exactly. For the operator only. */
  readonly meaning: string
  /** What puts it right. For the operator only. */
  readonly cure: string
}

/** Why a token request was refused, exactly; one of the names in {@link REFUSAL_REASONS}. */
export type RefusalReason =
  | EndpointReason
  | SecretReason
  | AuthenticationReason
  | GrantReason
  | ConstraintReason

/**
 * Every reason a token request is refused for, by the name it has in events.
 *
 * The client learns `error`, `status` and `description`; the operator's event says the reason itself.
 * Source: RFC 6749 section 5.2; RFC 8707 section 2 for `invalid_target`.
 */
export const REFUSAL_REASONS: Readonly<Record<RefusalReason, RefusalReasonEntry>> = {
  ...ENDPOINT_REASONS,
  ...SECRET_REASONS,
  ...AUTHENTICATION_REASONS,
  ...GRANT_REASONS,
  ...CONSTRAINT_REASONS,
}
