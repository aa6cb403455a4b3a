import { createHash, createPrivateKey } from 'node:crypto'
import { formatBase64url, thumbprintInput } from '@countersign/protocol'
import type { SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { seal, unseal } from '../secrets/sealed.ts'
import { generateKeys, signerOf } from './signing-algorithm.ts'

/** A signing key ready for use: its private half imported, once, or in a signer. */
export interface SigningKey {
  readonly record: SigningKeyRecord
  /** Signs a text, in the form JOSE has for the key's algorithm. A promise only where it must wait. */
  sign(text: string): Uint8Array | Promise<Uint8Array>
}

/** When a key was made and when it takes over. Epoch milliseconds. */
export interface KeyTimes {
  readonly createdAt: number
  readonly signsFrom: number
}

/** Makes a key pair for the store, its private half sealed under the current master key. */
export async function generateSigningKey(
  keyRing: KeyRing,
  alg: SigningAlgorithm,
  { createdAt, signsFrom }: KeyTimes,
): Promise<SigningKeyRecord> {
  const { publicKey, privateKey } = await generateKeys(alg)
  const publicJwk = { ...publicKey.export({ format: 'jwk' }) }
  const kid = keyId(publicJwk)
  const { sealing, version } = keyRing.current
  return {
    kid,
    alg,
    publicJwk,
    sealedPrivateKey: seal(sealing, privateKey.export({ format: 'der', type: 'pkcs8' }), kid),
    masterKeyVersion: version,
    externalKey: null,
    createdAt,
    signsFrom,
    withdrawAt: null,
  }
}

/** Opens a stored key; `undefined` where its master key was not given or is another one. */
export function openSigningKey(keyRing: KeyRing, record: SigningKeyRecord): SigningKey | undefined {
  const der = openPrivateKey(keyRing, record)
  if (der === undefined) return undefined
  let key
  try {
    key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  } catch {
    // Made by a runtime that knows more algorithms than this one.
    return undefined
  }
  return { record, sign: signerOf(record.alg, key) }
}

/**
 * The record with its private half sealed under the current master key; `undefined` where it is not
 * sealed, or cannot be opened.
 */
export function resealedSigningKey(
  keyRing: KeyRing,
  record: SigningKeyRecord,
): SigningKeyRecord | undefined {
  const der = openPrivateKey(keyRing, record)
  if (der === undefined) return undefined
  const { sealing, version } = keyRing.current
  return { ...record, sealedPrivateKey: seal(sealing, der, record.kid), masterKeyVersion: version }
}

/** The thumbprint that a public key is known by. Throws where a member of it is missing. */
export function keyId(publicJwk: object): string {
  const input = thumbprintInput(publicJwk)
  if (input === undefined) throw new Error('the crypto library gave no whole public key')
  return formatBase64url(createHash('sha256').update(input).digest())
}

function openPrivateKey(keyRing: KeyRing, record: SigningKeyRecord): Uint8Array | undefined {
  const keys = keyRing.of(record.masterKeyVersion)
  if (keys === undefined || record.sealedPrivateKey === null) return undefined
  return unseal(keys.sealing, record.sealedPrivateKey, record.kid)
}
