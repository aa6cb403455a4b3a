import { ArgumentError, optionalNumber, type JsonObject } from '@countersign/protocol'
import type { SigningAlgorithm } from '../registry/records.ts'
import { isSigningAlgorithm } from './signing-algorithm.ts'

/**
 * Where private keys live that must not leave their place: a KMS, an HSM.
 *
 * New keys of the `algorithms` it names are made there, by whichever server or administration comes
 * first; so every one of them needs it, by the same name. A failure or a late answer is answered with
 * 503: no other key signs in its place.
 */
export interface Signer {
  /** The algorithms whose new keys are made here. */
  readonly algorithms: readonly SigningAlgorithm[]
  /** Makes a key pair that can sign. Gives the name it is called by from then on, and its public half. */
  createKey(algorithm: SigningAlgorithm): Promise<{
    /** At most 512 characters. It is in no answer. */
    readonly key: string
    /** With `kty` and the members of its kind, nothing private. */
    readonly publicJwk: JsonObject
  }>
  /**
   * Signs `data` itself, not a digest of it, in the form JOSE has: ES256 as `r || s`, 64 bytes.
   *
   * Each signature is checked against the public key before it is used.
   */
  sign(key: string, algorithm: SigningAlgorithm, data: Uint8Array): Promise<Uint8Array>
  /** Destroys a key whose time is over. Left out where that is done by hand. Repeats are harmless. */
  destroyKey?(key: string): Promise<void>
}

/** The signers of a server, each by the name that its keys are stored with. */
export type Signers = Readonly<Record<string, Signer>>

/**
 * The options about signers, checked: how long they may take is 2 seconds where nobody says.
 *
 * Throws: `ArgumentError`.
 */
export function signerOptions(
  caller: string,
  options: { readonly signers?: Signers; readonly signerTimeout?: number },
): { readonly signers: Signers; readonly timeout: number } {
  const { signers = {} } = options
  const timeout = optionalNumber(caller, 'signerTimeout', options.signerTimeout, {
    fallback: 2000,
    min: 1,
    max: 60_000,
  })
  if (
    typeof signers === 'object' &&
    signers !== null &&
    Object.entries(signers).every(isNamedSigner)
  ) {
    return { signers, timeout }
  }
  throw new ArgumentError(
    'ERR_ARGUMENT_TYPE',
    'signers',
    `${caller}: 'signers' must be an object of signers, each under a name of letters, digits and -`,
  )
}

function isNamedSigner([name, value]: readonly [string, unknown]): boolean {
  const signer = (value ?? {}) as Partial<Signer>
  return (
    /^[\w-]{1,64}$/.test(name) &&
    typeof signer.createKey === 'function' &&
    typeof signer.sign === 'function' &&
    Array.isArray(signer.algorithms) &&
    signer.algorithms.every(isSigningAlgorithm)
  )
}
