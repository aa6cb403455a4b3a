import { ArgumentError } from '@countersign/protocol'
import type { RevocationSource } from './revocation-check.ts'

/** The option `revocation` as a list; empty where it was left out. Throws: `ArgumentError`. */
export function readRevocation(
  caller: string,
  value: RevocationSource | readonly RevocationSource[] | undefined,
): readonly RevocationSource[] {
  if (value === undefined) return []
  const sources = typeof value === 'function' ? [value] : value
  if (Array.isArray(sources) && sources.every((one) => typeof one === 'function')) {
    return [...sources]
  }
  const message = `${caller}: 'revocation' must be what a function of the entry 'revocation' gives`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'revocation', message)
}
