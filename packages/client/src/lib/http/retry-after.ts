/** Longest wait that is taken at its word: one hour. */
const MAX_RETRY_AFTER = 3_600_000

/**
 * The milliseconds a `Retry-After` header asks to wait, at most an hour; `undefined` where there is
 * none or it cannot be read. Source: RFC 9110 section 10.2.3.
 */
export function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), MAX_RETRY_AFTER) : undefined
}
