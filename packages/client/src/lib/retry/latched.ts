import { isTokenError } from '../errors/token-error.ts'
import type { TokenSource } from '../token-source.ts'

/** What a latch goes by. */
export interface LatchOptions {
  /** A text that changes when the credential does. */
  readonly fingerprint: () => Promise<string>
  /** Milliseconds a refusal is taken as final. Default 30 000. */
  readonly span?: number
  readonly now: () => number
}

/**
 * A source that does not ask again for a while what was refused for good.
 *
 * A wrong secret or a scope that is not granted does not become right by asking; workers that restart
 * in a loop would only burden the server, and some servers then shut everybody out. Another
 * credential opens the latch at once, and so does time: grants are made while clients already run.
 * What is asked for in the background passes by: a token is still held then, and who keeps it spaces
 * its tries.
 */
export function latched(
  source: TokenSource,
  { fingerprint, span = 30_000, now }: LatchOptions,
): TokenSource {
  let refusal:
    | { readonly error: unknown; readonly at: number; readonly credential: string }
    | undefined

  return async (request) => {
    if (request?.background === true) return source(request)
    if (refusal !== undefined) {
      const { error, at, credential } = refusal
      const time = now()
      const same = time >= at && time < at + span && credential === (await readable(fingerprint))
      if (same) throw error
      refusal = undefined
    }
    try {
      return await source(request)
    } catch (error) {
      if (isFinal(error)) refusal = { error, at: now(), credential: await readable(fingerprint) }
      throw error
    }
  }
}

/** A proof that was refused is made anew at each try: refusing one says nothing of the next. */
const PASSING: readonly (string | undefined)[] = ['use_dpop_nonce', 'invalid_dpop_proof']

function isFinal(error: unknown): boolean {
  if (!isTokenError(error) || error.code !== 'ERR_REFUSED' || error.retryable) return false
  return !PASSING.includes(error.oauth?.error)
}

/** A credential that cannot be read is for the request itself to complain about. */
function readable(fingerprint: () => Promise<string>): Promise<string> {
  return fingerprint().catch(() => '')
}
