import { isJsonObject, parseJwkSet } from '@countersign/protocol'
import {
  importVerifier,
  keyFits,
  toPublicJwk,
  type PublicJwk,
  type SignatureVerifier,
} from '@countersign/verify'
import type { SigningAlgorithm, SigningKeyRecord } from '../registry/records.ts'
import { inTime } from '../in-time.ts'
import { ServerError } from '../server-error.ts'
import type { Signer } from './signer.ts'
import type { SigningKey } from './signing-key.ts'

/** A signing key whose private half is in a signer. `timeout` in milliseconds. */
export function externalKey(
  record: SigningKeyRecord,
  {
    signer,
    key,
    timeout,
  }: { readonly signer: Signer; readonly key: string; readonly timeout: number },
): SigningKey {
  let importing: ReturnType<typeof importPublicKey> | undefined
  return {
    record,
    async sign(text) {
      importing ??= importPublicKey(record.publicJwk, record.alg)
      const { verifier } = await importing
      const data = Buffer.from(text)
      const signature = await signerAnswer(signer.sign(key, record.alg, data), timeout)
      // A key that was swapped behind its name would make tokens that nobody accepts.
      const bytes = new Uint8Array(signature)
      if (await verifier.verify(text, bytes)) return bytes
      throw new ServerError(
        'ERR_SIGNER',
        'a signer gave a signature that its public key does not verify',
      )
    },
  }
}

/**
 * The public half that a signer named, with no member it does not need.
 *
 * Rejects with `ERR_SIGNER` where it is not a public key for the algorithm.
 */
export async function importPublicKey(
  publicJwk: unknown,
  alg: SigningAlgorithm,
): Promise<{ readonly publicJwk: PublicJwk; readonly verifier: SignatureVerifier }> {
  const keys = isJsonObject(publicJwk) ? parseJwkSet({ keys: [{ ...publicJwk, alg }] }) : undefined
  const [first] = keys?.ok === true ? keys.value : []
  if (first !== undefined && keyFits(first, alg)) {
    const usable = toPublicJwk(first)
    const verifier = usable && (await importVerifier(usable, alg))
    if (usable !== undefined && verifier !== undefined) return { publicJwk: usable, verifier }
  }
  throw new ServerError('ERR_SIGNER', `a signer gave no public key that can be used for ${alg}`)
}

/** What a signer promised, or `ERR_SIGNER` where it fails or takes longer than `timeout` milliseconds. */
export async function signerAnswer<T>(promise: Promise<T>, timeout: number): Promise<T> {
  try {
    return await inTime(
      promise,
      timeout,
      () => new ServerError('ERR_SIGNER', `a signer did not answer within ${timeout} ms`),
    )
  } catch (cause) {
    if (cause instanceof ServerError) throw cause
    throw new ServerError('ERR_SIGNER', 'a signer failed', { cause })
  }
}
