import type { JsonObject } from '@countersign/protocol'
import { REFUSAL_REASONS, type RefusalReason } from '../refusal-reasons.ts'
import type { AuditEntry, AuditLog } from '../stores/audit-log.ts'
import { requiredIdentifier } from './required-identifier.ts'

/** What happened at one answer that went wrong, for the operator. */
export interface Explanation {
  /** Epoch milliseconds. */
  readonly at: number
  readonly correlationId: string
  /** The event it was, such as `token.refused`. */
  readonly type: string
  /** The registered client that the request named; null where it named none. */
  readonly clientId: string | null
  /** Why a request was refused; null where the fault was the server's own. */
  readonly reason: RefusalReason | null
  readonly meaning: string
  readonly cure: string
  /** What is known beyond the reason, a sentence each. */
  readonly facts: readonly string[]
  /** The same as it was written down. */
  readonly detail: JsonObject
}

/** Questions about the past. */
export interface ExplanationAdministration {
  /**
   * What happened at the answer with that `correlation_id`; `undefined` where nothing was written down:
   * it is of another server, older than the audit log goes back, part of a flood that was summed up, or
   * younger than a second.
   */
  explain(correlationId: string): Promise<Explanation | undefined>
}

/** Longest identifier that is looked for: ours have 36 characters. */
const MAX_IDENTIFIER = 64

/** Explanations out of an audit log. */
export function explanationAdministration(audit: AuditLog): ExplanationAdministration {
  return {
    async explain(correlationId) {
      const id = requiredIdentifier('explain', 'correlationId', correlationId, MAX_IDENTIFIER)
      const [entry] = await audit.find({ correlationId: id, limit: 1 })
      return entry && explained(id, entry)
    },
  }
}

function explained(correlationId: string, entry: AuditEntry): Explanation {
  const { at, type, clientId, detail } = entry
  const { reason } = detail
  const known = typeof reason === 'string' && Object.hasOwn(REFUSAL_REASONS, reason)
  const { meaning, cure } = known ? REFUSAL_REASONS[reason as RefusalReason] : SERVER_FAULT
  return {
    at,
    correlationId,
    type,
    clientId,
    reason: known ? (reason as RefusalReason) : null,
    meaning,
    cure,
    facts: factsOf(detail),
    detail,
  }
}

const SERVER_FAULT = {
  meaning: 'The request was not at fault: the server or its store was.',
  cure: 'Look at the kind of error, and at the events of the same moment.',
}

/** Sentences by member of a detail. A member without one is shown as it was written down. */
const SENTENCES: Readonly<Record<string, (value: unknown) => string>> = {
  clockOffSeconds: (value) =>
    `The clock of whoever signed is ${Math.abs(Number(value))} s ${Number(value) > 0 ? 'ahead of' : 'behind'} ours.`,
  claim: (value) => `The claim is ${String(value)}.`,
  method: (value) => `The request used ${String(value)}.`,
  allowedMethods: (value) =>
    `The client may use ${Array.isArray(value) ? value.join(', ') : String(value)}.`,
  credentialId: (value) => `The credential is ${String(value)}.`,
  credentialLabel: (value) => `The credential is called '${String(value)}'.`,
  expiredAt: (value) => `It expired ${instantInWords(Number(value))}.`,
  disabled: () => 'It is disabled.',
  secretFlaw: (value) => SECRET_FLAWS[String(value)] ?? `The secret is flawed: ${String(value)}.`,
  error: (value) => `The error is ${String(value)}.`,
}

/** There is no date for an instant beyond what `Date` holds, and asking for one throws. */
function instantInWords(at: number): string {
  const date = new Date(at)
  return Number.isNaN(date.getTime()) ? 'beyond the calendar' : `at ${date.toISOString()}`
}

const SECRET_FLAWS: Readonly<Record<string, string>> = {
  form_encoded_twice:
    'The secret was form-encoded once too often: decoded again it has the right form.',
  blank_around: 'There is a blank or a line end around the secret.',
  cut: 'The secret is too short: it was cut.',
  checksum: 'The secret has the right beginning and a wrong checksum: a letter was changed.',
}

function factsOf(detail: JsonObject): readonly string[] {
  return Object.entries(detail).flatMap(([name, value]) => {
    // What the caller was told says nothing more where there is a reason.
    if (name === 'error' && 'reason' in detail) return []
    return Object.hasOwn(SENTENCES, name) ? [SENTENCES[name]?.(value) ?? ''] : []
  })
}
