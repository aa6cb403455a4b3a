import { sha256Base64url } from '../jose/sha256.ts'

/** A text that changes with `parts` and from which a secret among them cannot be found. */
export function credentialFingerprint(parts: readonly unknown[]): Promise<string> {
  return sha256Base64url(JSON.stringify(parts))
}
