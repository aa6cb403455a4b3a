import type { SigningKeyRecord } from '../registry/records.ts'
import type { KeyCustody } from './key-custody.ts'
import type { SigningKey } from './signing-key.ts'

/** The signing keys of a registry, each opened once. */
export interface OpenedKeys {
  /** Those that could be opened. */
  values(): readonly SigningKey[]
  /**
   * Takes the records as they stand. Gives the ones met for the first time that cannot be opened;
   * those whose private half is destroyed can be opened by nobody and are passed over.
   */
  update(records: Iterable<SigningKeyRecord>): readonly SigningKeyRecord[]
}

/** No keys yet; see {@link OpenedKeys.update}. */
export function openedKeys(custody: KeyCustody): OpenedKeys {
  let keys = new Map<string, SigningKey | undefined>()
  let usable: readonly SigningKey[] = []
  return {
    values: () => usable,
    update(records) {
      const unusable: SigningKeyRecord[] = []
      const next = new Map<string, SigningKey | undefined>()
      for (const record of records) {
        if (record.sealedPrivateKey === null && record.externalKey === null) continue
        if (keys.has(record.kid)) {
          const known = keys.get(record.kid)
          next.set(record.kid, known && { ...known, record })
          continue
        }
        const opened = custody.open(record)
        next.set(record.kid, opened)
        if (opened === undefined) unusable.push(record)
      }
      keys = next
      usable = Array.from(next.values()).filter((key) => key !== undefined)
      return unusable
    },
  }
}
