import { ArgumentError } from '@countersign/protocol'
import type { WhenUnknown } from './revocation-check.ts'

/** The option `whenUnknown`; `refuse` where it was left out. Throws: `ArgumentError`. */
export function readWhenUnknown(caller: string, value: unknown): WhenUnknown {
  if (value === undefined || value === 'refuse') return 'refuse'
  if (value === 'allow') return value
  throw new ArgumentError(
    typeof value === 'string' ? 'ERR_ARGUMENT_VALUE' : 'ERR_ARGUMENT_TYPE',
    'whenUnknown',
    `${caller}: 'whenUnknown' must be 'refuse' or 'allow'`,
  )
}
