import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto'
import { formatBase64url, parseDerSignature, thumbprintInput } from '@countersign/protocol'
import type { SigningKeyRecord } from '../registry/records.ts'
import type { KeyRing } from '../secrets/derived-keys.ts'
import { seal, unseal } from '../secrets/sealed.ts'

/** A signing key ready for use: its private half imported, once. */
export interface SigningKey {
  readonly record: SigningKeyRecord
  /** Signs a text with ES256: `r || s`, 64 bytes. Source: RFC 7518 section 3.4. */
  sign(text: string): Uint8Array
}

/** Makes a P-256 key pair for the store, its private half sealed under the current master key. */
export function generateSigningKey(
  keyRing: KeyRing,
  { createdAt, signsFrom }: { readonly createdAt: number; readonly signsFrom: number },
): SigningKeyRecord {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  const publicJwk = { crv, kty, x, y }
  const kid = thumbprint(publicJwk)
  const { sealing, version } = keyRing.current
  return {
    kid,
    alg: 'ES256',
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
  const { kid, sealedPrivateKey } = record
  const keys = keyRing.of(record.masterKeyVersion)
  if (keys === undefined || sealedPrivateKey === null) return undefined
  const der = unseal(keys.sealing, sealedPrivateKey, kid)
  if (der === undefined) return undefined
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  return { record, sign: (text) => signEs256(key, text) }
}

function signEs256(key: KeyObject, text: string): Uint8Array {
  // The bare key: inside an options object Node 24 takes a path that is twice as slow.
  const signature = parseDerSignature(sign('sha256', Buffer.from(text), key), 32)
  if (signature === undefined) throw new Error('the crypto library gave no P-256 signature')
  return signature
}

function thumbprint(publicJwk: object): string {
  const input = thumbprintInput(publicJwk)
  if (input === undefined) throw new Error('the crypto library gave no whole public key')
  return formatBase64url(createHash('sha256').update(input).digest())
}
