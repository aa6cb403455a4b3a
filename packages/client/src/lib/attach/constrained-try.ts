import type { AccessToken } from '../access-token.ts'

/** One try of a request under a sender constraint. After it either `learn` or `abandon` is called. */
export interface ConstrainedTry {
  /** What to add to the request, the token's own header aside. */
  readonly headers: Readonly<Record<string, string>>
  /** Learns from the answer. Gives whether the same request is worth one more try. */
  readonly learn: (status: number, headers: Headers) => boolean
  /** Says that no answer came. */
  readonly abandon: () => void
}

/** The request that is to be proven. */
export interface TriedRequest {
  /** As it goes on the wire. */
  readonly method: string
  readonly url: URL
  readonly signal?: AbortSignal | undefined
}

/**
 * Proves one request to a resource, by the constraint that its token came with; `undefined` for a
 * token that is not bound. Each try needs one of its own.
 *
 * Rejects: as the constraint does when a proof cannot be made; then nothing may be sent.
 */
export async function constrainedTry(
  token: AccessToken,
  { method, url, signal }: TriedRequest,
): Promise<ConstrainedTry | undefined> {
  const { senderConstraint: constraint } = token
  if (constraint === undefined) return undefined
  const role = 'resource'
  const about = { role, method, url, token, ...(signal !== undefined && { signal }) } as const
  const sent = await constraint.headers(about)
  return {
    headers: sent,
    learn: (status, headers) => constraint.learn({ role, url, status, headers, sent }),
    abandon: () => constraint.abandon?.(sent),
  }
}
