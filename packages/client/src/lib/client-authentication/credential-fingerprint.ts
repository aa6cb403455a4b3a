import { formatBase64url } from '@countersign/protocol'

/** A text that changes with `parts` and from which a secret among them cannot be found. */
export async function credentialFingerprint(parts: readonly unknown[]): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(parts))
  return formatBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}
