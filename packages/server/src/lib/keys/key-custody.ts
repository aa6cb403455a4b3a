import type { JsonObject } from '@countersign/protocol'
import type { SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { ServerError } from '../server-error.ts'
import { externalKey, importPublicKey, signerAnswer } from './external-key.ts'
import type { Signer, Signers } from './signer.ts'
import {
  generateSigningKey,
  keyId,
  openSigningKey,
  type KeyTimes,
  type SigningKey,
} from './signing-key.ts'

/** Where private halves are kept: sealed in the store, or in signers. */
export interface KeyCustody {
  /** Makes a key where keys of its algorithm belong. Rejects: `ERR_SIGNER`. */
  create(alg: SigningAlgorithm, times: KeyTimes): Promise<SigningKeyRecord>
  /** Makes a key ready; `undefined` where it cannot be used here. */
  open(record: SigningKeyRecord): SigningKey | undefined
  /** Whether there is a private half left that can be destroyed from here. */
  canDestroy(record: SigningKeyRecord): boolean
  /** Destroys the private half, and gives the record without it. Rejects: `ERR_SIGNER`. */
  destroy(record: SigningKeyRecord): Promise<SigningKeyRecord>
}

/** The custody that a server and an administration of one registry share. `timeout` in milliseconds. */
export function keyCustody({
  keyRing,
  signers,
  timeout,
}: {
  readonly keyRing: KeyRing
  readonly signers: Signers
  readonly timeout: number
}): KeyCustody {
  const byName = new Map(Object.entries(signers))

  async function createExternally(
    name: string,
    signer: Signer,
    alg: SigningAlgorithm,
    { createdAt, signsFrom }: KeyTimes,
  ): Promise<SigningKeyRecord> {
    const making = signer.createKey(alg)
    let made
    try {
      const usable = making.then((one) => usableKey(one, alg))
      made = await signerAnswer(usable, timeout)
    } catch (error) {
      // It may still come, or have come and be of no use: nobody would ever ask for it again.
      making.then(async ({ key }) => isKeyName(key) && signer.destroyKey?.(key)).catch(() => {})
      throw error
    }
    const { key, publicJwk } = made
    return {
      kid: keyId(publicJwk),
      alg,
      publicJwk,
      sealedPrivateKey: null,
      masterKeyVersion: 0,
      externalKey: `${name}:${key}`,
      createdAt,
      signsFrom,
      withdrawAt: null,
    }
  }

  function located(record: SigningKeyRecord): { signer: Signer; key: string } | undefined {
    if (record.externalKey === null) return undefined
    const colon = record.externalKey.indexOf(':')
    const signer = byName.get(record.externalKey.slice(0, colon))
    return signer && { signer, key: record.externalKey.slice(colon + 1) }
  }

  return {
    async create(alg, times) {
      const home = Array.from(byName).find(([, { algorithms }]) => algorithms.includes(alg))
      if (home === undefined) return generateSigningKey(keyRing, alg, times)
      return createExternally(...home, alg, times)
    },
    open(record) {
      if (record.externalKey === null) return openSigningKey(keyRing, record)
      const place = located(record)
      return place && externalKey(record, { ...place, timeout })
    },
    canDestroy(record) {
      return record.sealedPrivateKey !== null || located(record)?.signer.destroyKey !== undefined
    },
    async destroy(record) {
      const place = located(record)
      if (place?.signer.destroyKey !== undefined) {
        await signerAnswer(place.signer.destroyKey(place.key), timeout)
        return { ...record, externalKey: null }
      }
      return { ...record, sealedPrivateKey: null, masterKeyVersion: 0 }
    },
  }
}

const MAX_KEY_NAME = 512

function isKeyName(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= MAX_KEY_NAME
}

async function usableKey(
  made: { readonly key: string; readonly publicJwk: unknown },
  alg: SigningAlgorithm,
): Promise<{ readonly key: string; readonly publicJwk: JsonObject }> {
  const { publicJwk } = await importPublicKey(made.publicJwk, alg)
  const { key } = made
  if (isKeyName(key)) return { key, publicJwk }
  throw new ServerError('ERR_SIGNER', 'a signer gave no name for its key')
}
