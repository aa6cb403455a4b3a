import {
  assertKnownOptions,
  ArgumentError,
  optionalNumber,
  type AccessTokenClaims,
} from '@countersign/protocol'
import { unlessAborted } from '@countersign/verify'
import { tokenView } from '../token/token-verifier.ts'
import {
  REVOKED,
  STANDS,
  unknownStanding,
  type RevocationSource,
  type Standing,
  type WhenUnknown,
} from './revocation-check.ts'
import { readWhenUnknown } from './read-when-unknown.ts'
import type { VerifiedToken } from '../verdict/verdict.ts'

/** What is known of a token that was verified. Never its text. */
export interface TokenFacts extends VerifiedToken {
  readonly clientId: string
  readonly subject: string
  /** The credential that it was got with, where the issuer names it (`credential_id`). */
  readonly credentialId: string | undefined
  /** Thumbprint (RFC 7638) of the key that signed it; `undefined` where its issuer was asked. */
  readonly key: string | undefined
}

export interface RevocationHookOptions {
  /** Deadline of one answer. Milliseconds, default 1,000. */
  readonly timeout?: number
  /** What becomes of a token where the hook fails or is late. Default `refuse`: 503. */
  readonly whenUnknown?: WhenUnknown
}

/**
 * Asks a function of yours about each request's token: a database, a cache, a list of somebody's.
 *
 * It is asked every time, so it should be quick; it may keep answers itself. What it throws, anything
 * but a boolean, and an answer after `timeout` is a failure.
 * Throws: `ArgumentError` for wrong options.
 */
export function revocationHook(
  isRevoked: (token: TokenFacts) => boolean | Promise<boolean>,
  options: RevocationHookOptions = {},
): RevocationSource {
  if (typeof isRevoked !== 'function') {
    const message = "revocationHook: 'isRevoked' must be a function"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'isRevoked', message)
  }
  const { timeout, whenUnknown } = readOptions(options)
  return ({ now, emit }) => {
    let failures = 0

    function judge(answer: unknown): Standing {
      if (typeof answer !== 'boolean') return fail('hook')
      failures = 0
      return answer ? REVOKED : STANDS
    }

    function fail(fault: 'hook' | 'timeout'): Standing {
      emit({
        type: 'revocations_failed',
        source: 'hook',
        fault,
        failures: ++failures,
        retryAt: now(),
      })
      return unknownStanding(whenUnknown, 'hook', 0)
    }

    return (claims, key) => {
      let answer: unknown
      try {
        answer = isRevoked(factsOf(claims, key))
      } catch {
        return fail('hook')
      }
      if (typeof answer === 'boolean') return judge(answer)
      const signal = AbortSignal.timeout(timeout)
      return unlessAborted(Promise.resolve(answer), signal).then(judge, () =>
        fail(signal.aborted ? 'timeout' : 'hook'),
      )
    }
  }
}

function factsOf(claims: AccessTokenClaims, key: string | undefined): TokenFacts {
  const credentialId = claims.all['credential_id']
  return {
    ...tokenView(claims),
    clientId: claims.client_id,
    subject: claims.sub,
    credentialId: typeof credentialId === 'string' ? credentialId : undefined,
    key,
  }
}

function readOptions(options: RevocationHookOptions): Required<RevocationHookOptions> {
  const caller = 'revocationHook'
  assertKnownOptions(caller, options, ['timeout', 'whenUnknown'])
  const given: RevocationHookOptions = options
  const limits = { fallback: 1000, min: 1, max: 60_000 }
  return {
    timeout: optionalNumber(caller, 'timeout', given.timeout, limits),
    whenUnknown: readWhenUnknown(caller, given.whenUnknown),
  }
}
