import { usageFailure } from '../errors/command-failure.ts'

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * Milliseconds of a text such as `30s`, `10m`, `24h`, `7d`, `500ms`; `0` needs no unit.
 *
 * `option` is the one it was given with, `most` the longest that it may be, as such a text. Throws:
 * `CommandFailure` (usage).
 */
export function parseDuration(option: string, text: string, most = '365d'): number {
  const span = spanOf(text)
  if (span <= spanOf(most)) return span
  if (span > 0) throw usageFailure(`--${option} is longer than ${most}`, `Use at most ${most}`)
  throw usageFailure(
    `--${option} is not a span of time`,
    `Write a number with its unit, such as --${option} 30s, 10m, 24h or 7d`,
  )
}

/** `NaN` where the text is no span. */
function spanOf(text: string): number {
  if (/^0+$/.test(text)) return 0
  const match = /^(\d{1,12})(ms|s|m|h|d)$/.exec(text)
  return match === null ? NaN : Number(match[1]) * (UNITS[match[2] ?? ''] ?? 0)
}
