import type { Arguments } from '../arguments.ts'
import { parseWholeNumber } from '../text/whole-number.ts'

/**
 * The port that an option gives, else `usual`; 0 is any that is free. Throws: `CommandFailure` (usage).
 */
export function portOption(given: Arguments, option: string, usual: string): number {
  const bounds = { least: 0, most: 65_535, sample: usual }
  return parseWholeNumber(option, given.text(option) ?? usual, bounds)
}
