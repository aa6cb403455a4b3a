import type { RegistryRecord, RegistryStore } from './registry-store.ts'
import { emptySnapshot, type RegistrySnapshot } from './snapshot.ts'

/**
 * Brings a snapshot up to the store's revision and gives it back, or a fresh one where it must.
 *
 * A store whose revision went back was restored from a backup, or is a standby that lagged: what the
 * snapshot shows may never have happened there, so everything is read again. So it is where the store
 * could not be read before (`isDoubted`) and has moved on: it may be such a one that has caught up.
 */
export async function refreshSnapshot(
  store: Pick<RegistryStore, 'changesSince'>,
  snapshot: RegistrySnapshot,
  { isDoubted = false }: { readonly isDoubted?: boolean } = {},
): Promise<RegistrySnapshot> {
  const { revision: known } = snapshot
  if (known === 0) {
    const whole = await wholeSnapshot(store)
    return whole.revision === 0 ? snapshot : whole
  }
  const changes = await store.changesSince(known)
  if (changes.revision === known) return snapshot
  if (changes.revision < known || isDoubted) return wholeSnapshot(store)
  snapshot.absorb(changes)
  return snapshot
}

/** Taken in part by part as the store reads it: together, the parts would be in memory twice. */
async function wholeSnapshot(
  store: Pick<RegistryStore, 'changesSince'>,
): Promise<RegistrySnapshot> {
  const snapshot = emptySnapshot()
  const early: RegistryRecord[] = []
  const { revision, records } = await store.changesSince(0, (part) => {
    for (const one of snapshot.absorb({ revision: 0, records: part })) early.push(one)
  })
  snapshot.absorb({ revision, records: [...early, ...records] })
  return snapshot
}
