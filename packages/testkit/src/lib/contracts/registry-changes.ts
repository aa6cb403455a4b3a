import type {
  ApplyResult,
  RecordKind,
  RegistryChange,
  RegistryRecord,
  RegistryStore,
} from '@countersign/server'
import { aClient } from './registry-records.ts'

/** What the store holds, of one kind where it is given. */
export async function recordsOf(
  store: RegistryStore,
  kind?: RecordKind,
): Promise<readonly object[]> {
  const { records } = await store.changesSince(0)
  return records
    .filter((one) => kind === undefined || one.kind === kind)
    .map(({ record }) => record)
}

/** A client of that identifier, to be written for the first time. */
export function client(clientId: string): RegistryChange {
  return { kind: 'client', record: aClient(clientId), require: 'absent' }
}

/** Writes changes and gives the revision. Throws where there is a conflict. */
export async function applied(
  store: RegistryStore,
  changes: readonly RegistryChange[],
): Promise<number> {
  const result: ApplyResult = await store.apply(changes)
  if (!result.applied) throw new Error(`conflict over ${result.conflict.key}`)
  return result.revision
}

/** Sorts records that are clients. */
export function byClientId(
  { record: left }: RegistryRecord,
  { record: right }: RegistryRecord,
): number {
  const [one, other] = [left, right].map((record) => (record as { clientId: string }).clientId)
  return (one ?? '') < (other ?? '') ? -1 : 1
}
