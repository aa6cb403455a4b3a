import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto'
import { formatBase64url, parseBase64url } from '@countersign/protocol'

/**
 * Encrypts bytes for the store. `boundTo` is authenticated with them: the text opens nowhere else.
 *
 * Shape: base64url of 12 bytes nonce, the encrypted bytes, 16 bytes tag. AES-256-GCM.
 */
export function seal(key: KeyObject, bytes: Uint8Array, boundTo: string): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(boundTo))
  const sealed = [nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]
  return formatBase64url(Buffer.concat(sealed))
}

/** Opens what {@link seal} made; `undefined` for another key, another binding or a changed text. */
export function unseal(key: KeyObject, sealed: string, boundTo: string): Uint8Array | undefined {
  const bytes = parseBase64url(sealed)
  if (bytes === undefined || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const tag = bytes.subarray(bytes.length - TAG_BYTES)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(boundTo)).setAuthTag(tag)
  try {
    const open = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES))
    return Buffer.concat([open, decipher.final()])
  } catch {
    return undefined
  }
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
