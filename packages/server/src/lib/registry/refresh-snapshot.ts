import type { RegistryStore } from './registry-store.ts'
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
  const changes = await store.changesSince(known)
  if (changes.revision === known) return snapshot
  if (changes.revision < known || (isDoubted && known > 0)) {
    const fresh = emptySnapshot()
    fresh.absorb(await store.changesSince(0))
    return fresh
  }
  snapshot.absorb(changes)
  return snapshot
}
