import { usageFailure } from '../errors/command-failure.ts'

/** A whole number given with `option`, from `least` to `most`. Throws: `CommandFailure` (usage). */
export function parseWholeNumber(
  option: string,
  text: string,
  { least, most }: { readonly least: number; readonly most: number },
): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  if (number >= least && number <= most) return number
  throw usageFailure(
    `--${option} is not a whole number from ${least} to ${most}`,
    `Write digits only, such as --${option} ${Math.max(least, Math.min(most, 3600))}`,
  )
}
