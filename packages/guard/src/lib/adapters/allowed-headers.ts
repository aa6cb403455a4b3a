import type { Allowed } from '../verdict/verdict.ts'

/** What the verdict wants in the answer to an allowed request, such as `dpop-nonce`. */
export function allowedHeaders({ headers = {} }: Pick<Allowed, 'headers'>): [string, string][] {
  return Object.entries(headers)
}
