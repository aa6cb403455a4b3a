/**
 * A text that changes with `parts` and from which a secret among them cannot be found: the bytes of
 * a SHA-256 digest, as numbers.
 */
export async function credentialFingerprint(parts: readonly unknown[]): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(parts))
  return new Uint8Array(await crypto.subtle.digest('SHA-256', text)).join()
}
