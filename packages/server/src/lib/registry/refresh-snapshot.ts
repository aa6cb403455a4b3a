import type { RegistryStore } from './registry-store.ts'
import { emptySnapshot, type RegistrySnapshot } from './snapshot.ts'

/**
 * Brings a snapshot up to the store's revision and gives it back, or a fresh one where it must.
 *
 * A store whose revision went back was restored from a backup: what the snapshot shows may never
 * have happened there, so everything is read again.
 */
export async function refreshSnapshot(
  store: Pick<RegistryStore, 'changesSince'>,
  snapshot: RegistrySnapshot,
): Promise<RegistrySnapshot> {
  const changes = await store.changesSince(snapshot.revision)
  if (changes.revision < snapshot.revision) {
    const fresh = emptySnapshot()
    fresh.absorb(await store.changesSince(0))
    return fresh
  }
  if (changes.revision > snapshot.revision) snapshot.absorb(changes)
  return snapshot
}
