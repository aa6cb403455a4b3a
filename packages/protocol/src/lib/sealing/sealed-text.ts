import { formatBase64url, parseBase64url } from '../text/base64url.ts'
import type { StoreKey } from './store-key-ring.ts'

/** Longest sealed text that is worth keeping, and that is opened, in characters. */
export const MAX_SEALED = 65_536

/** Why a text does not open. */
export type SealFault =
  | 'too_long'
  /** It is not in a known form. */
  | 'format'
  /** It is sealed with a key that is not in the ring. */
  | 'unknown_key'
  /** It was changed, or belongs to another name. */
  | 'altered'

/** What came of opening a text. */
export type Opened =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly fault: SealFault }

const VERSION = 'v1'
const NONCE_BYTES = 12

/**
 * Encrypts a text for the one name under which it is kept: under another it does not open. No two sealed
 * texts are alike.
 *
 * Shape: `v1.`, the key's id, `.`, base64url of 12 bytes nonce and the AES-256-GCM text.
 */
export async function sealText(key: StoreKey, text: string, name: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const algorithm = { name: 'AES-GCM', iv, additionalData: boundTo(key, name) }
  const sealed = await crypto.subtle.encrypt(algorithm, key.sealing, new TextEncoder().encode(text))
  const bytes = new Uint8Array(NONCE_BYTES + sealed.byteLength)
  bytes.set(iv)
  bytes.set(new Uint8Array(sealed), NONCE_BYTES)
  return `${VERSION}.${key.id}.${formatBase64url(bytes)}`
}

/** Opens what {@link sealText} made with a key of the ring; the fault where it does not open. Never rejects. */
export async function openText(
  ring: readonly StoreKey[],
  sealed: string,
  name: string,
): Promise<Opened> {
  if (sealed.length > MAX_SEALED) return { ok: false, fault: 'too_long' }
  const match = /^v1\.([A-Za-z0-9_-]{11})\.([A-Za-z0-9_-]+)$/.exec(sealed)
  const bytes = parseBase64url(match?.[2] ?? '')
  if (match === null || bytes === undefined) return { ok: false, fault: 'format' }
  const key = ring.find(({ id }) => id === match[1])
  if (key === undefined) return { ok: false, fault: 'unknown_key' }
  const iv = bytes.subarray(0, NONCE_BYTES)
  const algorithm = { name: 'AES-GCM', iv, additionalData: boundTo(key, name) }
  try {
    const text = await crypto.subtle.decrypt(algorithm, key.sealing, bytes.subarray(NONCE_BYTES))
    return { ok: true, text: new TextDecoder().decode(text) }
  } catch {
    return { ok: false, fault: 'altered' }
  }
}

function boundTo({ purpose, id }: StoreKey, name: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`countersign ${purpose} ${VERSION}\n${id}\n${name}`)
}
