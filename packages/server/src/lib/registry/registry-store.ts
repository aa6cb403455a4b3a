import { ArgumentError } from '@countersign/protocol'
import type {
  ClientRecord,
  CredentialRecord,
  GrantRecord,
  ResourceRecord,
  SigningKeyRecord,
} from './records.ts'

/**
 * Where the registry is kept: clients, credentials, resources, grants and signing keys.
 *
 * The server reads everything once and then follows the changes, so a store needs no look-ups. Each
 * `apply` that succeeds makes one revision, a whole number that grows; a record carries the revision
 * it last changed at. Nothing is ever removed: records are disabled, expired or emptied.
 *
 * An implementation is held to the suite `registryStoreContract` of `@countersign/testkit/contracts`.
 * Any method may reject when the store cannot be reached; the server then goes on with what it has.
 */
export interface RegistryStore {
  /**
   * Every record that changed after `revision`, as one consistent view; 0 asks for everything.
   *
   * Must be cheap when nothing changed: it is asked about once a second by every server. A revision
   * that was ever given must cover every change up to it, those of other processes included.
   */
  changesSince(revision: number): Promise<RegistryChanges>
  /**
   * Writes all the changes, or none where the precondition of one does not hold.
   *
   * Lasting once it resolves. Two concurrent calls behave as if one came after the other.
   */
  apply(changes: readonly RegistryChange[]): Promise<ApplyResult>
  /** Releases what the store holds. Repeats are harmless; other calls reject afterwards. */
  close(): Promise<void>
}

/** What changed, and the revision that this brings the reader to. */
export interface RegistryChanges {
  readonly revision: number
  readonly clients: readonly ClientRecord[]
  readonly credentials: readonly CredentialRecord[]
  readonly resources: readonly ResourceRecord[]
  readonly grants: readonly GrantRecord[]
  readonly signingKeys: readonly SigningKeyRecord[]
}

/** One record to write whole, in place of the one with its key if there is one. */
export type RegistryChange = { readonly require: Precondition } & (
  | { readonly kind: 'client'; readonly record: ClientRecord }
  | { readonly kind: 'credential'; readonly record: CredentialRecord }
  | { readonly kind: 'resource'; readonly record: ResourceRecord }
  | { readonly kind: 'grant'; readonly record: GrantRecord }
  | { readonly kind: 'signingKey'; readonly record: SigningKeyRecord }
)

/** The kinds of record: also the order in which they depend on each other. */
export type RecordKind = RegistryChange['kind']

/**
 * What must be true for a change to be made.
 *
 * - `none`: nothing.
 * - `absent`, `present`: no record with this key exists, or one does.
 * - `first`: no record of this kind exists at all: two nodes that boot together make one signing key.
 * - `{ unchangedSince }`: the record exists and has not changed after that revision: what was decided
 *   by reading it still holds.
 */
export type Precondition =
  | 'none'
  | 'absent'
  | 'present'
  | 'first'
  | { readonly unchangedSince: number }

/** What came of `apply`. A conflict names the first change whose precondition did not hold. */
export type ApplyResult =
  | { readonly applied: true; readonly revision: number }
  | { readonly applied: false; readonly conflict: RegistryConflict }

/** The change that could not be made. */
export interface RegistryConflict {
  readonly kind: RecordKind
  /** As {@link recordKey} gives it. */
  readonly key: string
  readonly require: Precondition
}

/** The key of a change's record within its kind. A grant's has a blank between its two halves. */
export function recordKey(change: RegistryChange): string {
  switch (change.kind) {
    case 'client':
      return change.record.clientId
    case 'credential':
      return change.record.credentialId
    case 'resource':
      return change.record.resource
    case 'grant':
      return `${change.record.clientId} ${change.record.resource}`
    case 'signingKey':
      return change.record.kid
  }
}

/** Refuses what cannot be a store. Throws: `ArgumentError` naming `store`. */
export function assertRegistryStore(
  caller: string,
  value: unknown,
): asserts value is RegistryStore {
  const { changesSince, apply } = (value ?? {}) as Partial<RegistryStore>
  if (typeof changesSince === 'function' && typeof apply === 'function') return
  throw new ArgumentError(
    value === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
    'store',
    `${caller}: 'store' must be a RegistryStore, such as memoryRegistryStore()`,
  )
}
