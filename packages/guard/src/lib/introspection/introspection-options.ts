import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalSecureUrl,
  optionalString,
  requiredString,
} from '@countersign/protocol'
import { readAuthorize } from '../endpoint/endpoint-options.ts'
import type { GuardRequest } from '../guard/guard-request.ts'
import { optionsOf } from '../guard/options-of.ts'
import { readWhenUnknown } from '../revocation/read-when-unknown.ts'
import {
  readAnswerSharing,
  type AnswerSharingOptions,
  type AnswerSharingSettings,
} from './sharing-options.ts'

/** How a guard asks the issuer about tokens that it cannot read itself. */
export interface IntrospectionOptions {
  /** Where to ask. Default: `introspection_endpoint` of the issuer's metadata. */
  readonly endpoint?: string
  /** This API, as the issuer knows it. */
  readonly clientId: string
  /** Its secret, sent as Basic credentials. Either this or `authorize` is needed. */
  readonly clientSecret?: string
  /** Gives the `Authorization` header of a question, such as `Bearer …`. */
  readonly authorize?: () => string | Promise<string>
  /**
   * Which tokens are asked about. Default `opaque`: those that are not JWTs. With `sampled` JWTs are
   * verified by their keys, and the issuer is asked besides whether each one is still active: revocation
   * shows within `every`. With `all` the issuer alone decides, and revocation shows within `maxAge`.
   */
  readonly tokens?: 'opaque' | 'sampled' | 'all'
  /**
   * With `sampled`, how long the issuer's word on a JWT is good. Milliseconds, default 300,000, to an hour;
   * 0 asks each time.
   */
  readonly every?: number
  /**
   * What becomes of a JWT that is good by its keys when the issuer cannot be asked whether it is active.
   * Default `refuse`: 503. With `allow` it passes, and each time an `unchecked` event tells of it.
   */
  readonly whenUnknown?: 'refuse' | 'allow'
  /**
   * What every opaque token of the issuer starts with, as `cst_` of ours: one that does not is refused and
   * not asked about. Default: none is. Needed where several issuers are asked.
   */
  readonly prefix?: string
  /** Whether the answer must be signed (RFC 9701). Default false: TLS alone vouches for it. */
  readonly signed?: boolean
  /** How long an active answer is used, never beyond `exp`. Milliseconds, default 60,000, to 5 minutes. */
  readonly maxAge?: number
  /** How long `active: false` is used. Milliseconds, default 5,000, at most 60,000. */
  readonly maxInactiveAge?: number
  /** Active answers that are held; a tenth as many of the others, apart. Default 10,000. */
  readonly maxEntries?: number
  /**
   * Shares active answers among the instances of this API through a store, encrypted: one of them asks, and
   * the others take what it was told. Default: each asks for itself.
   */
  readonly shared?: AnswerSharingOptions
  /**
   * Whether a request may cause a question about a token that nobody has vouched for: the place for a limit
   * by address or by a key of your own, so that one caller with junk cannot fill the questions of all. Asked
   * where no answer is held and none is under way. `false` is a 503 with the reason `introspection_limited`,
   * and so is what throws: the token may be good. Default: every request may.
   */
  readonly mayAsk?: (request: GuardRequest) => boolean
  /** Asks. Default: the guard's own `fetch`. For mutual TLS. */
  readonly fetch?: typeof globalThis.fetch
}

/** The options, checked and complete. */
export interface IntrospectionSettings {
  readonly endpoint: string | undefined
  readonly clientId: string
  readonly authorize: () => string | Promise<string>
  readonly tokens: 'opaque' | 'sampled' | 'all'
  readonly every: number
  readonly whenUnknown: 'refuse' | 'allow'
  readonly prefix: string | undefined
  readonly signed: boolean
  readonly maxAge: number
  readonly maxInactiveAge: number
  readonly maxEntries: number
  readonly shared: AnswerSharingSettings | undefined
  /** Never throws. */
  readonly mayAsk: (request: GuardRequest) => boolean
  readonly fetch: typeof globalThis.fetch
}

const CALLER = 'createGuard'
const NAMES: readonly (keyof IntrospectionOptions)[] = [
  'endpoint',
  'clientId',
  'clientSecret',
  'authorize',
  'tokens',
  'every',
  'whenUnknown',
  'prefix',
  'signed',
  'maxAge',
  'maxInactiveAge',
  'maxEntries',
  'shared',
  'mayAsk',
  'fetch',
]

/** Throws: `ArgumentError`, naming the option, such as `introspection.clientId`. No secret is in it. */
export function readIntrospection(
  options: IntrospectionOptions | undefined,
  fetch: typeof globalThis.fetch,
): IntrospectionSettings | undefined {
  if (options === undefined) return undefined
  return optionsOf('introspection', () => {
    assertKnownOptions(CALLER, options, NAMES)
    const given: IntrospectionOptions = options
    const { tokens = 'opaque', signed = false } = given
    if (tokens !== 'opaque' && tokens !== 'sampled' && tokens !== 'all') {
      throw invalid('tokens', "must be 'opaque', 'sampled' or 'all'")
    }
    if (given.every !== undefined && tokens !== 'sampled') {
      throw invalid('every', "is for tokens: 'sampled'")
    }
    if (typeof signed !== 'boolean') throw invalid('signed', 'must be a boolean')
    if (given.shared !== undefined && given.maxAge === 0) {
      throw invalid('shared', "needs a 'maxAge' above 0: what is used once is of no use to others")
    }
    const clientId = requiredString(CALLER, 'clientId', given.clientId)
    const number = (
      name: 'every' | 'maxAge' | 'maxInactiveAge' | 'maxEntries',
      [fallback, min, max]: readonly [number, number, number],
    ): number => optionalNumber(CALLER, name, given[name], { fallback, min, max })
    return {
      endpoint: optionalSecureUrl(CALLER, 'endpoint', given.endpoint),
      clientId,
      authorize: readAuthorize(CALLER, given, clientId),
      tokens,
      every: number('every', [300_000, 0, 3_600_000]),
      whenUnknown: readWhenUnknown(CALLER, given.whenUnknown),
      prefix: readPrefix(given.prefix),
      signed,
      maxAge: number('maxAge', [60_000, 0, 300_000]),
      maxInactiveAge: number('maxInactiveAge', [5000, 0, 60_000]),
      maxEntries: number('maxEntries', [10_000, 10, 10_000_000]),
      shared: readAnswerSharing(CALLER, given.shared),
      mayAsk: readMayAsk(given.mayAsk),
      fetch: optionalFunction(CALLER, 'fetch', given.fetch, fetch),
    }
  })
}

/** A limiter that fails, or promises an answer, lets nobody ask: it is there to hold questions back. */
function readMayAsk(value: IntrospectionOptions['mayAsk']): IntrospectionSettings['mayAsk'] {
  const mayAsk: (request: GuardRequest) => unknown = optionalFunction(
    CALLER,
    'mayAsk',
    value,
    () => true,
  )
  return (request) => {
    try {
      return mayAsk(request) === true
    } catch {
      return false
    }
  }
}

function readPrefix(value: unknown): string | undefined {
  const prefix = optionalString(CALLER, 'prefix', value)
  if (prefix === undefined || /^[A-Za-z0-9\-_~+/]+$/.test(prefix)) return prefix
  throw invalid('prefix', 'must be letters that a token can start with, and no dot')
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
