import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import type { MasterKey } from './master-key.ts'

/** The keys that come out of one master key, each for its own purpose. */
export interface DerivedKeys {
  /** The master key's version. */
  readonly version: number
  /** Keys the digests of client secrets. */
  readonly pepper: KeyObject
  /** Encrypts signing keys at rest. */
  readonly sealing: KeyObject
  /** Encrypts client secrets at rest: those that are needed in the clear, to check HMACs with. */
  readonly secretSealing: KeyObject
  /** Makes the nonces of DPoP proofs. */
  readonly nonces: KeyObject
}

/** Derived keys by master key version. */
export interface KeyRing {
  /** What new digests and sealed keys are written with. */
  readonly current: DerivedKeys
  /** The keys of every version, the current one first. */
  readonly all: readonly DerivedKeys[]
  /** The keys of a version; `undefined` where its master key was not given. */
  of(version: number): DerivedKeys | undefined
}

/**
 * Derives the keys of each master key. The first master key is the current one.
 *
 * Source: RFC 5869; one `info` a purpose keeps the keys independent.
 */
export function deriveKeys(masterKeys: readonly MasterKey[]): KeyRing {
  const [current, ...older] = masterKeys.map(derive)
  if (current === undefined) throw new RangeError('there is no master key')
  const byVersion = new Map([current, ...older].map((keys) => [keys.version, keys]))
  return { current, all: [current, ...older], of: (version) => byVersion.get(version) }
}

function derive({ version, key }: MasterKey): DerivedKeys {
  return {
    version,
    pepper: hkdf(key, 'countersign secret pepper v1'),
    sealing: hkdf(key, 'countersign signing key sealing v1'),
    secretSealing: hkdf(key, 'countersign client secret sealing v1'),
    nonces: hkdf(key, 'countersign dpop nonce v1'),
  }
}

function hkdf(key: Uint8Array, info: string): KeyObject {
  return createSecretKey(new Uint8Array(hkdfSync('sha256', key, '', info, 32)))
}
