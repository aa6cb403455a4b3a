/** An instant (epoch milliseconds) as ISO 8601, or words where it lies beyond the calendar. */
export function isoTime(at: number): string {
  return isInCalendar(at) ? new Date(at).toISOString() : 'beyond the calendar'
}

/**
 * An instant as ISO 8601 for programs; null where there is none, and where it lies beyond the calendar:
 * there is no end.
 */
export function isoTimeOrNull(at: number | null | undefined): string | null {
  return at !== null && at !== undefined && isInCalendar(at) ? isoTime(at) : null
}

/** Whether there is a date for an instant. */
export function isInCalendar(at: number): boolean {
  return Math.abs(at) <= 8.64e15
}

/** A span in milliseconds, in the one unit that fits it: `4 minutes`. */
export function spanInWords(span: number): string {
  const seconds = Math.round(Math.abs(span) / 1000)
  if (seconds < 60) return count(seconds, 'second')
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return count(minutes, 'minute')
  const hours = Math.round(seconds / 3600)
  if (hours < 48) return count(hours, 'hour')
  return count(Math.round(seconds / 86_400), 'day')
}

/** How an instant lies to `now`: `in 4 minutes`, `2 hours ago`, `right now`, `just now`. */
export function relativeTime(at: number, now: number): string {
  const span = at - now
  if (Math.abs(span) < 500) return span > 0 ? 'right now' : 'just now'
  return span > 0 ? `in ${spanInWords(span)}` : `${spanInWords(span)} ago`
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`
}
