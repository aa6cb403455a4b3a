import { assertKnownOptions, optionalFunction } from '@countersign/protocol'
import { assertSource } from '../assert-source.ts'
import { allowedOrigins } from '../attach/attach-target.ts'
import type { ClientEventListener } from '../events.ts'
import {
  declaredThumbprint,
  type DeclaredThumbprint,
} from '../sender-constraint/declared-thumbprint.ts'
import type { TokenSource } from '../token-source.ts'

/** Where tokens may be attached, and who is told. */
export interface AttachOptions {
  /** The only origins that calls may go to, such as `https://api.example.com`. */
  readonly origins?: readonly string[]
  /**
   * The thumbprint of the certificate that these connections present, as `certificateThumbprint`
   * gives it; a function where that is replaced. Tokens bound to a certificate are refused without
   * it, and those bound to another one always.
   */
  readonly certificateThumbprint?: DeclaredThumbprint
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const ATTACH_OPTIONS: readonly (keyof AttachOptions)[] = [
  'origins',
  'certificateThumbprint',
  'onEvent',
  'now',
]

/** {@link AttachOptions}, checked. */
export interface AttachSettings {
  readonly source: TokenSource
  readonly origins: ReadonlySet<string> | undefined
  readonly thumbprint: (() => Promise<string>) | undefined
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
    thumbprint: optionalThumbprint(caller, given.certificateThumbprint),
    onEvent: optionalFunction(caller, 'onEvent', given.onEvent, undefined),
    now: optionalFunction(caller, 'now', given.now, Date.now),
  }
}

/** The option `certificateThumbprint`, checked. Throws: `ArgumentError`. */
export function optionalThumbprint(
  caller: string,
  value: DeclaredThumbprint | undefined,
): (() => Promise<string>) | undefined {
  return value === undefined
    ? undefined
    : declaredThumbprint(caller, 'certificateThumbprint', value)
}
