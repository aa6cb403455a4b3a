import type { CredentialBase, SecretProof } from '../registry/records.ts'
import type { KeyRing } from './derived-keys.ts'
import { seal, unseal } from './sealed.ts'

/** Encrypts a client secret for the store; it opens for that credential alone. */
export function sealSecret({ current }: KeyRing, text: string, credentialId: string): string {
  return seal(current.secretSealing, Buffer.from(text), credentialId)
}

/**
 * The secret of a credential in the clear; `undefined` where it was not kept, or its master key is not
 * here.
 */
export function openSecret(
  keyRing: KeyRing,
  { sealedSecret, masterKeyVersion, credentialId }: CredentialBase & SecretProof,
): string | undefined {
  const keys = keyRing.of(masterKeyVersion)
  if (keys === undefined || sealedSecret === null) return undefined
  const bytes = unseal(keys.secretSealing, sealedSecret, credentialId)
  return bytes === undefined ? undefined : Buffer.from(bytes).toString()
}
