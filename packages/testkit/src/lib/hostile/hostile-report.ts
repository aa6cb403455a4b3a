import type { HostileReport, HostileResult } from './fire-cases.ts'

/** A report as lines of text, for people: what was not as owed, the worst first, and a sum. */
export function formatHostileReport({ ok, counts, results }: HostileReport): string {
  const [first] = results
  if (results.length === 1 && first?.group === 'honest' && !ok) {
    return `${formatResult(first)}\nThe good token was not let through: nothing else was sent.\n`
  }
  const faults = ORDER.flatMap((outcome) => results.filter((one) => one.outcome === outcome))
  const sum = `${counts.owed} of ${results.length} as owed; ${counts.accepted} accepted, ${counts.failed} failed, ${counts.refused} refused in another way`
  return [...faults.map(formatResult), sum, ''].join('\n')
}

const ORDER = ['accepted', 'failed', 'refused'] as const

function formatResult({ name, group, source, outcome, owed, seen }: HostileResult): string {
  const came = seen === undefined ? 'no answer' : formatAnswer(seen)
  return `${outcome.toUpperCase()} ${group}: ${name}\n  owed ${formatAnswer(owed)}, came ${came} (${source})`
}

function formatAnswer({ status, error }: HostileResult['owed']): string {
  return error === undefined ? String(status) : `${status} ${error}`
}
