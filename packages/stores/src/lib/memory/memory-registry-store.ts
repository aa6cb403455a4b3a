import {
  recordKey,
  ServerError,
  type RecordKind,
  type RegistryChange,
  type RegistryChanges,
  type RegistryStore,
} from '@countersign/server'
import { isMet } from '../precondition.ts'

/**
 * A registry that lives as long as the process and is seen by nobody else: for tests and trials.
 *
 * Records are copied and frozen on their way in.
 */
export function memoryRegistryStore(): RegistryStore {
  const records = new Map<string, Stored>()
  let revision = 0
  let closed = false

  function assertOpen(): void {
    if (closed) throw new ServerError('ERR_CLOSED', 'the registry store is closed')
  }

  function holds(change: RegistryChange): boolean {
    const { require } = change
    if (require === 'first') return !anyOf(records, change.kind)
    return isMet(require, records.get(storeKey(change))?.revision)
  }

  return {
    async changesSince(since) {
      assertOpen()
      return since === revision ? noChanges(revision) : changesAfter(records, since, revision)
    },
    async apply(changes) {
      assertOpen()
      for (const change of changes) {
        if (holds(change)) continue
        const { kind, require } = change
        return { applied: false, conflict: { kind, key: recordKey(change), require } }
      }
      revision++
      for (const change of changes) {
        const record = deepFreeze(structuredClone(change.record))
        records.set(storeKey(change), { change: { ...change, record } as RegistryChange, revision })
      }
      return { applied: true, revision }
    },
    async close() {
      closed = true
    },
  }
}

interface Stored {
  readonly change: RegistryChange
  readonly revision: number
}

function anyOf(records: ReadonlyMap<string, Stored>, kind: RecordKind): boolean {
  return Array.from(records.values()).some(({ change }) => change.kind === kind)
}

function storeKey(change: RegistryChange): string {
  return `${change.kind} ${recordKey(change)}`
}

function changesAfter(
  records: ReadonlyMap<string, Stored>,
  since: number,
  revision: number,
): RegistryChanges {
  const changed: RegistryChange[] = []
  for (const stored of records.values()) if (stored.revision > since) changed.push(stored.change)
  return {
    revision,
    clients: changed.flatMap((one) => (one.kind === 'client' ? [one.record] : [])),
    credentials: changed.flatMap((one) => (one.kind === 'credential' ? [one.record] : [])),
    resources: changed.flatMap((one) => (one.kind === 'resource' ? [one.record] : [])),
    grants: changed.flatMap((one) => (one.kind === 'grant' ? [one.record] : [])),
    signingKeys: changed.flatMap((one) => (one.kind === 'signingKey' ? [one.record] : [])),
  }
}

function noChanges(revision: number): RegistryChanges {
  return { revision, clients: [], credentials: [], resources: [], grants: [], signingKeys: [] }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
