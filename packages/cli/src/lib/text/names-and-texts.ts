import { usageFailure } from '../errors/command-failure.ts'

/** The pairs of an option that repeats, each `NAME=TEXT`. Throws: `CommandFailure` (usage). */
export function namesAndTexts(
  option: string,
  pairs: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf('=')
      if (equals > 0) return [pair.slice(0, equals), pair.slice(equals + 1)]
      throw usageFailure(`--${option} needs a name and a text`, `Write it as --${option} NAME=TEXT`)
    }),
  )
}
