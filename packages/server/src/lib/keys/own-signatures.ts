import { parseJwkSet } from '@countersign/protocol'
import { importVerifier, toPublicJwk, type SignatureVerifier } from '@countersign/verify'
import type { SigningKeyRecord } from '../registry/records.ts'

/** Checks a signature of one of our own keys. */
export type OwnSignatures = (
  record: SigningKeyRecord,
  input: string,
  signature: Uint8Array<ArrayBuffer>,
) => Promise<boolean>

/** A checker of our own signatures. Each key is imported once and let go with its record. */
export function ownSignatures(): OwnSignatures {
  const verifiers = new WeakMap<SigningKeyRecord, Promise<SignatureVerifier | undefined>>()
  return async (record, input, signature) => {
    let verifier = verifiers.get(record)
    if (verifier === undefined) {
      verifier = importOwn(record)
      verifiers.set(record, verifier)
    }
    return (await (await verifier)?.verify(input, signature)) ?? false
  }
}

async function importOwn({
  alg,
  publicJwk,
}: SigningKeyRecord): Promise<SignatureVerifier | undefined> {
  const keys = parseJwkSet({ keys: [{ ...publicJwk, alg }] })
  const [key] = keys.ok ? keys.value : []
  const jwk = key && toPublicJwk(key)
  return jwk && importVerifier(jwk, alg)
}
