import { formatBase64url } from '../text/base64url.ts'
import type { StoreKey } from './store-key-ring.ts'

/**
 * The name under which something is kept in a shared store: HMAC-SHA-256 of what it is about, in base64url.
 * Who reads the store learns nothing of that, and cannot try out guesses.
 */
export async function storeName({ naming }: StoreKey, about: string): Promise<string> {
  const text = new TextEncoder().encode(about)
  return formatBase64url(new Uint8Array(await crypto.subtle.sign('HMAC', naming, text)))
}
