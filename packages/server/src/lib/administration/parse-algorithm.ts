import { ArgumentError } from '@countersign/protocol'
import { isAvailable, isSigningAlgorithm, SIGNING_ALGORITHMS } from '../keys/signing-algorithm.ts'
import type { SigningAlgorithm } from '../registry/records.ts'
import { AdministrationError } from './administration-error.ts'

/**
 * An option that names a signing algorithm, ES256 where it is left out.
 *
 * Throws: `ArgumentError`; `AdministrationError` with `algorithm_unavailable` where this runtime has no
 * such algorithm.
 */
export function parseAlgorithm(caller: string, name: string, value: unknown): SigningAlgorithm {
  if (value === undefined) return 'ES256'
  if (!isSigningAlgorithm(value)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      name,
      `${caller}: '${name}' must be one of ${SIGNING_ALGORITHMS.join(', ')}`,
    )
  }
  if (isAvailable(value)) return value
  throw new AdministrationError(
    'algorithm_unavailable',
    `this runtime has no ${value}; run Node 24.6 or later, or choose another algorithm`,
  )
}
