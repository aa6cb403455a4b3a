import {
  recordKey,
  type RegistryChange,
  type RegistryRecord,
  type RegistryStore,
} from '@countersign/server'
import { aloneSince, areKin, isMet } from '../precondition.ts'
import type { MemoryAuditLog } from './memory-audit-log.ts'
import type { OpenState } from './open-state.ts'

/** A registry in memory, beside its audit log. Records are copied and frozen on their way in. */
export function memoryRegistryStore(
  { assertOpen, close }: OpenState,
  { log, write }: MemoryAuditLog,
): RegistryStore {
  const records = new Map<string, Stored>()
  const listeners = new Set<() => void>()
  let revision = 0

  function holds(change: RegistryChange): boolean {
    const { kind, require } = change
    if (require === 'first') {
      return !Array.from(records.values()).some(({ one }) => one.kind === kind)
    }
    if (!isMet(require, records.get(storeKey(change))?.revision)) return false
    const since = aloneSince(require)
    if (since === undefined) return true
    return !Array.from(records.values()).some(
      (stored) => stored.revision > since && areKin(stored.one, change),
    )
  }

  return {
    async changesSince(since) {
      assertOpen()
      if (since === revision) return { revision, records: [] }
      const changed = Array.from(records.values()).filter((stored) => stored.revision > since)
      return { revision, records: changed.map(({ one }) => one) }
    },
    async apply(changes, audit) {
      assertOpen()
      for (const change of changes) {
        if (holds(change)) continue
        const { kind, require } = change
        return { applied: false, conflict: { kind, key: recordKey(change), require } }
      }
      const isOwn = audit?.log === log
      if (isOwn) write(audit.entries)
      revision++
      for (const { kind, record } of changes) {
        const one = { kind, record: deepFreeze(structuredClone(record)) } as RegistryRecord
        records.set(storeKey(one), { one, revision })
      }
      for (const listener of listeners) queueMicrotask(listener)
      return { applied: true, revision, ...(isOwn && { audited: true }) }
    },
    watch(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async forgetRevocations(at) {
      assertOpen()
      for (const [key, { one }] of records) {
        if (one.kind === 'revocation' && one.record.expiresAt < at) records.delete(key)
      }
    },
    async forgetMarks(keys, until) {
      assertOpen()
      for (const key of keys) {
        const stored = records.get(`revocation ${key}`)
        if (stored !== undefined && stored.revision <= until) records.delete(`revocation ${key}`)
      }
    },
    async close() {
      close()
      listeners.clear()
    },
  }
}

interface Stored {
  readonly one: RegistryRecord
  readonly revision: number
}

function storeKey(one: RegistryRecord): string {
  return `${one.kind} ${recordKey(one)}`
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const member of Object.values(value)) deepFreeze(member)
    Object.freeze(value)
  }
  return value
}
