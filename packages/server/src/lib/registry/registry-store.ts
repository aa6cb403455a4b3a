import type {
  ClientRecord,
  CredentialRecord,
  GrantRecord,
  ResourceRecord,
  RevocationRecord,
  RevocationTarget,
  SigningKeyRecord,
  TrustedIssuerRecord,
} from './records.ts'
import type { AuditEntry, AuditLog } from '../stores/audit-log.ts'

/**
 * Where the registry is kept: clients, credentials, resources, grants, trusted issuers, signing keys,
 * revocation marks.
 *
 * The server reads everything once and then follows the changes, so a store needs no look-ups. Each
 * `apply` that succeeds makes one revision, a whole number that grows; a record carries the revision
 * it last changed at. Nothing is ever removed but revocation marks that have served: records are
 * disabled, expired or emptied.
 *
 * An implementation is held to the suite `registryStoreContract` of `@countersign/testkit/contracts`.
 * Any method may reject when the store cannot be reached; the server then goes on with what it has.
 */
export interface RegistryStore {
  /**
   * Every record that changed after `revision`, as one consistent view; 0 asks for everything.
   *
   * Must be cheap when nothing changed: it is asked about twice a second by every server. A revision
   * that was ever given must cover every change up to it, those of other processes included.
   *
   * A store that reads in parts may hand them to `take` as they come, in place of the answer, so that
   * not everything is in memory twice. Where the read fails, what was taken counts for nothing.
   */
  changesSince(
    revision: number,
    take?: (part: readonly RegistryRecord[]) => void,
  ): Promise<RegistryChanges>
  /**
   * Writes all the changes, or none where the precondition of one does not hold.
   *
   * Lasting once it resolves. Two concurrent calls behave as if one came after the other.
   *
   * With `audit` it also writes these entries, so that there is both or neither, and says `audited: true`.
   * Only a store that keeps this very log can; any other leaves `audited` out, and the caller appends them
   * afterwards.
   */
  apply(changes: readonly RegistryChange[], audit?: ChangeAudit): Promise<ApplyResult>
  /**
   * Calls `listener` soon after each change, of other processes too, and gives the way to stop it.
   *
   * A hint and no more: one may be lost, so the server also asks every `followInterval`. Left out by a
   * store that cannot tell.
   */
  watch?(listener: () => void): () => void
  /** Forgets revocation marks that ended before `at`. Makes no revision. */
  forgetRevocations(at: number): Promise<void>
  /**
   * Forgets the revocation marks of these keys, as {@link recordKey} gives them, that did not change after
   * `revision`: another mark ends what they ended. Makes no revision.
   *
   * Left out by a store that cannot: they are then kept until their end.
   */
  forgetMarks?(keys: readonly string[], revision: number): Promise<void>
  /** Releases what the store holds. Repeats are harmless; other calls reject afterwards. */
  close(): Promise<void>
}

/** What changed, and the revision that this brings the reader to. */
export interface RegistryChanges {
  readonly revision: number
  /** In any order. */
  readonly records: readonly RegistryRecord[]
}

/** One record and what it is. */
export type RegistryRecord =
  | { readonly kind: 'client'; readonly record: ClientRecord }
  | { readonly kind: 'credential'; readonly record: CredentialRecord }
  | { readonly kind: 'resource'; readonly record: ResourceRecord }
  | { readonly kind: 'grant'; readonly record: GrantRecord }
  | { readonly kind: 'trusted_issuer'; readonly record: TrustedIssuerRecord }
  | { readonly kind: 'signing_key'; readonly record: SigningKeyRecord }
  | { readonly kind: 'revocation'; readonly record: RevocationRecord }

/** One record to write whole, in place of the one with its key if there is one. */
export type RegistryChange = RegistryRecord & { readonly require: Precondition }

/** The kinds of record. */
export type RecordKind = RegistryRecord['kind']

/**
 * What must be true for a change to be made.
 *
 * - `none`: nothing.
 * - `absent`, `present`: no record with this key exists, or one does.
 * - `first`: no record of this kind exists at all: two nodes that boot together make one signing key.
 * - `{ unchangedSince }`: the record exists and has not changed after that revision: what was decided
 *   by reading it still holds.
 * - `{ aloneSince }`: no record with this key exists, and none of this kind and of the same client has
 *   changed after that revision: what was decided by counting them still holds.
 */
export type Precondition =
  | 'none'
  | 'absent'
  | 'present'
  | 'first'
  | { readonly unchangedSince: number }
  | { readonly aloneSince: number }

/** What the audit log is to say of changes, and the log. */
export interface ChangeAudit {
  readonly log: AuditLog
  readonly entries: readonly AuditEntry[]
}

/** What came of `apply`. A conflict names the first change whose precondition did not hold. */
export type ApplyResult =
  | {
      readonly applied: true
      readonly revision: number
      /** Whether the entries of `audit` were written with the changes. Default false. */
      readonly audited?: boolean
    }
  | { readonly applied: false; readonly conflict: RegistryConflict }

/** The change that could not be made. */
export interface RegistryConflict {
  readonly kind: RecordKind
  /** As {@link recordKey} gives it. */
  readonly key: string
  readonly require: Precondition
}

/** The key of a record within its kind. Where it has two halves, a blank stands between them. */
export function recordKey(one: RegistryRecord): string {
  switch (one.kind) {
    case 'client':
      return one.record.clientId
    case 'credential':
      return one.record.credentialId
    case 'resource':
      return one.record.resource
    case 'grant':
      return `${one.record.clientId} ${one.record.resource}`
    case 'trusted_issuer':
      return one.record.issuer
    case 'signing_key':
      return one.record.kid
    case 'revocation':
      return markKey(one.record.target, one.record.id)
  }
}

/** What a revocation mark is kept by. */
export function markKey(target: RevocationTarget, id: string): string {
  return `${target} ${id}`
}
