import { formatBase64url } from '@countersign/protocol'
import { nodeCrypto } from '../signature/node-verifier.ts'

/**
 * The SHA-256 digest of bytes, or of a text in UTF-8, as base64url: at once where there is node:crypto,
 * which takes a tenth of the time of WebCrypto's way through other threads.
 */
export function sha256Base64url(data: string | Uint8Array<ArrayBuffer>): string | Promise<string> {
  const hash = nodeCrypto()?.hash
  return hash === undefined ? webSha256(data) : hash('sha256', data, 'base64url')
}

async function webSha256(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return formatBase64url(new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes)))
}
