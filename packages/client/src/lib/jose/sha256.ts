import { formatBase64url } from '@countersign/protocol'

/** The SHA-256 digest of bytes, or of a text in UTF-8, as base64url. */
export async function sha256Base64url(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return formatBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}
