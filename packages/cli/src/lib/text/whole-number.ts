import { usageFailure } from '../errors/command-failure.ts'

/** What a whole number on the command line may be. */
export interface WholeNumberBounds {
  readonly least: number
  readonly most: number
  /** One that is good, for who gave another. */
  readonly sample: string
}

/** A whole number given with `option`, from `least` to `most`. Throws: `CommandFailure` (usage). */
export function parseWholeNumber(
  option: string,
  text: string,
  { least, most, sample }: WholeNumberBounds,
): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN
  if (number >= least && number <= most) return number
  throw usageFailure(
    `--${option} is not a whole number from ${least} to ${most}`,
    `Write digits only, such as --${option} ${sample}`,
  )
}
