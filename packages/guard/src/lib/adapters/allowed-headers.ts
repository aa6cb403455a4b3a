import type { Allowed } from '../verdict/verdict.ts'

/** What the verdict wants in the answer to an allowed request, such as `dpop-nonce`. */
export function allowedHeaders({
  headers,
}: Pick<Allowed, 'headers'>): readonly (readonly [name: string, value: string])[] {
  return headers === undefined ? NONE : Object.entries(headers)
}

const NONE: readonly [] = Object.freeze([])
