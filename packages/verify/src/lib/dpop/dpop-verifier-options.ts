import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
} from '@countersign/protocol'
import {
  DEFAULT_SIGNATURE_ALGORITHMS,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '../signature/signature-algorithm.ts'
import type { DpopNonces } from './dpop-nonces.ts'

/** What proofs must satisfy. */
export interface DpopVerifierOptions {
  /** Default ES256, PS256, EdDSA, Ed25519 and RS256. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** How old a proof may be. Milliseconds, default 60,000, at most 10 minutes. */
  readonly maxAge?: number
  /** How far ahead of ours the client's clock may be. Milliseconds, default 10,000, at most 60,000. */
  readonly clockTolerance?: number
  /** Where nonces come from. Default: there are none, and one in a proof is not looked at. */
  readonly nonces?: DpopNonces
  /** Whether a proof without a nonce is refused. Default `required` where there are nonces. */
  readonly nonce?: 'required' | 'optional'
  /**
   * Whether `iat` counts in a proof with a good nonce, which says itself when the proof was made.
   * Default false: clients with a wrong clock are let in.
   */
  readonly alwaysCheckAge?: boolean
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const CALLER = 'dpopVerifier'
const NAMES: readonly (keyof DpopVerifierOptions)[] = [
  'algorithms',
  'maxAge',
  'clockTolerance',
  'nonces',
  'nonce',
  'alwaysCheckAge',
  'now',
]

/** The options, checked and complete. */
export interface DpopSettings extends Required<
  Pick<DpopVerifierOptions, 'maxAge' | 'clockTolerance' | 'alwaysCheckAge' | 'now'>
> {
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly nonces: DpopNonces | undefined
  readonly required: boolean
}

/** Throws: `ArgumentError`, naming the option. */
export function readDpopOptions(options: DpopVerifierOptions): DpopSettings {
  assertKnownOptions(CALLER, options, NAMES)
  const given: DpopVerifierOptions = options
  const { algorithms = DEFAULT_SIGNATURE_ALGORITHMS, nonces, nonce, alwaysCheckAge = false } = given
  const known: readonly unknown[] = SIGNATURE_ALGORITHMS
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    algorithms.some((name) => !known.includes(name))
  ) {
    throw invalid('algorithms', `must be a list; known are ${known.join(', ')}`)
  }
  if (
    nonces !== undefined &&
    (typeof nonces?.issue !== 'function' || typeof nonces.check !== 'function')
  ) {
    throw invalid('nonces', "must have 'issue' and 'check'")
  }
  if (nonce !== undefined && nonce !== 'required' && nonce !== 'optional') {
    throw invalid('nonce', "must be 'required' or 'optional'")
  }
  if (nonce !== undefined && nonces === undefined) throw invalid('nonce', "needs 'nonces'")
  if (typeof alwaysCheckAge !== 'boolean') throw invalid('alwaysCheckAge', 'must be a boolean')
  const age = { fallback: 60_000, min: 1000, max: 600_000 }
  const tolerance = { fallback: 10_000, min: 0, max: 60_000 }
  return {
    algorithms: new Set(algorithms),
    maxAge: optionalNumber(CALLER, 'maxAge', given.maxAge, age),
    clockTolerance: optionalNumber(CALLER, 'clockTolerance', given.clockTolerance, tolerance),
    nonces,
    required: nonce !== 'optional',
    alwaysCheckAge,
    now: optionalFunction(CALLER, 'now', given.now, Date.now),
  }
}

function invalid(option: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${message}`)
}
