import { ArgumentError, assertKnownOptions, optionalFunction } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import { tell, type ClientEventListener } from '../events.ts'
import type { TokenSource } from '../token-source.ts'
import { requestCauses } from './request-cause.ts'

/** Who is told. */
export interface ObservedOptions {
  /** Receives `token.requested`, and nothing else. */
  readonly onEvent: ClientEventListener
}

const OBSERVED_OPTIONS: readonly (keyof ObservedOptions)[] = ['onEvent']

/**
 * A source that tells why each request reached it, as the event `token.requested`.
 *
 * For the place next to the asking source, such as `wrap` of `createClient`: there a request is one
 * that no held token could answer. Each try of a retried request is told.
 *
 * Throws when made: `ArgumentError`. Rejects: as the source does.
 *
 * @example createClient({ …, onEvent, wrap: (source) => observed(source, { onEvent }) })
 */
export function observed(source: TokenSource, options: ObservedOptions): TokenSource {
  assertSource('observed', source)
  assertKnownOptions('observed', options, OBSERVED_OPTIONS)
  const given: ObservedOptions = options
  if (given.onEvent === undefined) {
    const message = "observed: 'onEvent' is required: it is told of each request"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'onEvent', message)
  }
  const onEvent = optionalFunction('observed', 'onEvent', given.onEvent, given.onEvent)
  const causes = requestCauses()

  return async (request = {}) => {
    tell(onEvent, { type: 'token.requested', cause: causes.of(request) })
    const token = await source(request)
    causes.obtained(request)
    return token
  }
}
