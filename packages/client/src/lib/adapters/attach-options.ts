import { assertKnownOptions, optionalFunction } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import { allowedOrigins } from '../attach/attach-target.ts'
import type { ClientEventListener } from '../events.ts'
import type { TokenSource } from '../token-source.ts'

/** Where tokens may be attached, and who is told. */
export interface AttachOptions {
  /** The only origins that calls may go to, such as `https://api.example.com`. */
  readonly origins?: readonly string[]
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const ATTACH_OPTIONS: readonly (keyof AttachOptions)[] = ['origins', 'onEvent', 'now']

/** {@link AttachOptions}, checked. */
export interface AttachSettings {
  readonly source: TokenSource
  readonly origins: ReadonlySet<string> | undefined
  readonly onEvent: ClientEventListener | undefined
  readonly now: () => number
}

/** Checks what an adapter is given. Throws: `ArgumentError`. */
export function attachSettings(
  caller: string,
  source: TokenSource,
  options: AttachOptions,
): AttachSettings {
  assertSource(caller, source)
  assertKnownOptions(caller, options, ATTACH_OPTIONS)
  const given: AttachOptions = options
  return {
    source,
    origins: allowedOrigins(caller, given.origins),
    onEvent: optionalFunction(caller, 'onEvent', given.onEvent, undefined),
    now: optionalFunction(caller, 'now', given.now, Date.now),
  }
}
