import { ArgumentError, nearestName } from '@countersign/protocol'
import {
  DEFAULT_ALGORITHMS,
  isSignatureAlgorithm,
  SIGNATURE_ALGORITHMS,
  type KeyKind,
  type SignatureAlgorithm,
} from './signature-algorithm.ts'

/** What the caller wants of a key. */
export interface KeyWish {
  /** The function as the user wrote it: it opens messages. */
  readonly caller: string
  readonly alg: SignatureAlgorithm | undefined
}

/**
 * The algorithm that a key signs with: the one wanted, the key's own, or the usual one of its kind.
 *
 * Throws: `ArgumentError` where the key is not for it. Source: RFC 8725 section 3.1.
 */
export function algorithmFor(
  kind: KeyKind,
  own: string | undefined,
  { caller, alg }: KeyWish,
): SignatureAlgorithm {
  const usual = own ?? DEFAULT_ALGORITHMS[kind]
  if (!isSignatureAlgorithm(usual) || SIGNATURE_ALGORITHMS[usual].kind !== kind) {
    throw wrongKey(caller, 'names an algorithm that a key of its kind does not sign with here')
  }
  if (alg === undefined) return usual
  if (own === undefined ? SIGNATURE_ALGORITHMS[alg].kind === kind : isSame(usual, alg)) return alg
  const message = `${caller}: 'alg' is ${alg}, and the key is for ${usual}`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'alg', message)
}

/** Two names for one algorithm count as the same. */
function isSame(own: SignatureAlgorithm, chosen: SignatureAlgorithm): boolean {
  return SIGNATURE_ALGORITHMS[own].key === SIGNATURE_ALGORITHMS[chosen].key
}

/** Whether keys of this kind are signed with here. */
export function isKeyKind(kind: string | undefined): kind is KeyKind {
  return kind !== undefined && Object.hasOwn(DEFAULT_ALGORITHMS, kind)
}

/** The fault of a key, as the option of `caller`. Nothing of the key is in it. */
export function wrongKey(caller: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', 'key', `${caller}: 'key' ${reason}`)
}

/** The fault of an algorithm's name, as the option of `caller`. */
export function unknownAlgorithm(caller: string, alg: unknown): ArgumentError {
  const known = Object.keys(SIGNATURE_ALGORITHMS)
  const nearest = typeof alg === 'string' ? nearestName(alg, known) : undefined
  const cure = nearest === undefined ? `one of ${known.join(', ')}` : `'${nearest}'`
  return new ArgumentError('ERR_ARGUMENT_VALUE', 'alg', `${caller}: 'alg' must be ${cure}`)
}
