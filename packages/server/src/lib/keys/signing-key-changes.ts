import type { SigningKeyRecord } from '../registry/records.ts'
import type { RegistryChange } from '../registry/registry-store.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'

/**
 * The changes that write signing keys, made so that of two who decided by the same snapshot one wins.
 *
 * The oldest key is written along, unchanged if need be, on the condition that nobody wrote it since:
 * whoever adds a key leaves a mark that the other one finds. Where there is no key, the first is made
 * on the condition that it is the first.
 */
export function signingKeyChanges(
  { signingKeys, revision }: Pick<RegistrySnapshot, 'signingKeys' | 'revision'>,
  records: readonly SigningKeyRecord[],
): readonly RegistryChange[] {
  const written = new Map(records.map((record) => [record.kid, record]))
  const oldest = Array.from(signingKeys.values()).reduce<SigningKeyRecord | undefined>(
    (one, other) => (one !== undefined && isOlder(one, other) ? one : other),
    undefined,
  )
  if (oldest !== undefined && !written.has(oldest.kid)) written.set(oldest.kid, oldest)
  const absent = oldest === undefined ? 'first' : 'absent'
  return Array.from(written.values(), (record) => ({
    kind: 'signing_key' as const,
    record,
    require: signingKeys.has(record.kid) ? { unchangedSince: revision } : absent,
  }))
}

function isOlder(one: SigningKeyRecord, other: SigningKeyRecord): boolean {
  return one.createdAt === other.createdAt ? one.kid < other.kid : one.createdAt < other.createdAt
}
