import { keyCustody, type KeyCustody } from '../keys/key-custody.ts'
import { openedKeys } from '../keys/opened-keys.ts'
import { refreshSnapshot } from '../registry/refresh-snapshot.ts'
import type { RegistryChange, RegistryStore } from '../registry/registry-store.ts'
import { emptySnapshot, type RegistrySnapshot } from '../registry/snapshot.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { ServerError } from '../server-error.ts'
import type { AuditEntry, AuditLog } from '../stores/audit-log.ts'
import { AdministrationError } from './administration-error.ts'
import { changeEntries } from './change-entries.ts'

/** Reads and changes the registry. */
export interface RegistryEditor {
  readonly keyRing: KeyRing
  readonly custody: KeyCustody
  readonly now: () => number
  /** The registry as it stands. */
  read(): Promise<RegistrySnapshot>
  /** The same, for one that is to be changed. Throws: `master_key_wrong`, as `edit` does. */
  check(): Promise<RegistrySnapshot>
  /**
   * Decides on changes by reading the registry, and makes them.
   *
   * The audit log has them too once this resolves. A store that keeps both writes both or neither. Where
   * the log lives elsewhere it is written after the change; if that fails this rejects with `ERR_AUDIT`,
   * and the change is made all the same.
   *
   * Where somebody else changed what the decision rests on, it is made again, a few times. The edits of one
   * editor are made one after the other, so that they never get in each other's way.
   * Throws: what `decide` throws; `conflict` where others were quicker each time; `master_key_wrong`
   * where the master keys are not those of this registry.
   */
  edit<T>(decide: (snapshot: RegistrySnapshot) => Edit<T>): Promise<T>
}

/** What to change, and what to give back once it is done. */
export interface Edit<T> {
  readonly changes: readonly RegistryChange[]
  readonly result: T
}

const ATTEMPTS = 5

/** An editor of the registry in `store`. */
export function registryEditor({
  store,
  keyRing,
  custody,
  now,
  audit,
  actor,
}: {
  readonly store: RegistryStore
  readonly keyRing: KeyRing
  readonly custody: KeyCustody
  readonly now: () => number
  readonly audit: AuditLog
  /** Who makes the changes, for the audit log. */
  readonly actor: string | undefined
}): RegistryEditor {
  let snapshot = emptySnapshot()
  const keys = openedKeys(keyCustody({ keyRing, signers: {}, timeout: 0 }))

  async function read(): Promise<RegistrySnapshot> {
    snapshot = await refreshSnapshot(store, snapshot)
    return snapshot
  }

  /** What these master keys make must be of use to the servers of this registry. */
  async function readForChange(): Promise<RegistrySnapshot> {
    const current = await read()
    // Keys in a signer say nothing about master keys.
    const sealed = Array.from(current.signingKeys.values()).filter(
      ({ sealedPrivateKey }) => sealedPrivateKey !== null,
    )
    keys.update(sealed)
    if (sealed.length > 0 && keys.values().length === 0) {
      throw new AdministrationError(
        'master_key_wrong',
        'these master keys open none of the signing keys in this registry; give the ones its server runs with',
      )
    }
    return current
  }

  async function decideAndApply<T>(decide: (snapshot: RegistrySnapshot) => Edit<T>): Promise<T> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await readForChange()
      const { changes, result } = decide(before)
      if (changes.length === 0) return result
      const entries = changeEntries(changes, { before, at: now(), actor })
      const outcome = await store.apply(changes, { log: audit, entries })
      if (!outcome.applied) continue
      if (outcome.audited !== true) await writeDown(audit, entries)
      return result
    }
    throw new AdministrationError(
      'conflict',
      'the registry was changed by others at the same time; try again',
    )
  }

  /** The edits before, whatever came of them. */
  let earlier: Promise<unknown> = Promise.resolve()
  return {
    keyRing,
    custody,
    now,
    read,
    check: readForChange,
    edit(decide) {
      const edited = earlier.then(() => decideAndApply(decide))
      earlier = edited.catch(() => {})
      return edited
    },
  }
}

async function writeDown(audit: AuditLog, entries: readonly AuditEntry[]): Promise<void> {
  try {
    await audit.append(entries)
  } catch (cause) {
    throw new ServerError(
      'ERR_AUDIT',
      'the change was made, but the audit log cannot be written; do not make it again',
      { cause, applied: true },
    )
  }
}
