/**
 * Milliseconds that a `Retry-After` field asks to be left alone for; zero where it does not say.
 *
 * Only seconds are read: a date would bring the other machine's clock into it.
 * Source: RFC 9110 section 10.2.3.
 */
export function readRetryAfter(field: string | null): number {
  return field !== null && /^\d{1,10}$/.test(field) ? Number(field) * 1000 : 0
}
