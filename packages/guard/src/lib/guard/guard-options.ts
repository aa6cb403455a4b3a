import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalSecureUrl,
  optionalString,
} from '@countersign/protocol'
import type { BindingPolicy } from '../binding/check-binding.ts'
import { readDpop, type DpopOptions } from '../binding/dpop-options.ts'
import { readCertificates, type CertificateOrigin } from '../binding/request-certificate.ts'
import { readTokenCache, type TokenCacheOptions } from '../cache/token-cache-options.ts'
import type { MemoryBounds } from '../cache/two-generations.ts'
import {
  ISSUER_OPTIONS,
  readAudience,
  type IssuerOptions,
  type IssuerSettings,
} from '../issuer/issuer-options.ts'
import { readTrustedIssuers } from '../issuer/trusted-issuers.ts'
import { readRevocation } from '../revocation/read-revocation.ts'
import type { RevocationSource } from '../revocation/revocation-check.ts'
import { safeEmitter, type GuardEvent } from './guard-event.ts'

/** What a guard needs to know: its issuer, or its `issuers`, and the rest. */
export interface GuardOptions extends Partial<IssuerOptions> {
  /** Identifiers of this API, one or several: a token must have one of them in `aud`. */
  readonly audience: string | readonly string[]
  /**
   * Several issuers, each with options of its own, in place of `issuer` and what goes with it. A token is
   * judged by the one that it names in `iss`, and by no other.
   */
  readonly issuers?: readonly IssuerOptions[]
  /** How much the clocks may differ for `exp` and `nbf`. Milliseconds, default 5,000, at most 60,000. */
  readonly clockTolerance?: number
  /**
   * Whether tokens must be bound to their sender. Default `optional`: bearer tokens are taken, and bound
   * ones must prove their binding all the same. `required` needs `dpop` or `certificates`.
   */
  readonly binding?: 'optional' | 'required'
  /** Takes tokens that are bound to a key by DPoP. Default: they are refused. */
  readonly dpop?: DpopOptions
  /**
   * Takes tokens that are bound to a client certificate, and says where certificates come from.
   * Default: such tokens are refused.
   */
  readonly certificates?: CertificateOrigin
  /**
   * Where the guard learns that tokens ended before their time, for every issuer: what the functions of
   * `@countersign/guard/revocation` give, one or several. Default: tokens live until they expire.
   */
  readonly revocation?: RevocationSource | readonly RevocationSource[]
  /**
   * How much is remembered of JWTs that were verified, so that the next call with the same token costs a
   * lookup and not a signature. `false` verifies each anew. Times, keys, binding, revocation and scopes
   * are checked at every call all the same.
   */
  readonly tokenCache?: TokenCacheOptions | false
  /** The `realm` of challenges. Default: the first audience. */
  readonly realm?: string
  /**
   * Where the API publishes its metadata (RFC 9728): every challenge says so. Default: none does. Left
   * to `protectedResource`, which knows it.
   */
  readonly resourceMetadata?: string
  /** Loads metadata and keys. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** Deadline for loading metadata or keys, body included. Milliseconds, default 5,000. */
  readonly timeout?: number
  /**
   * How long keys that cannot be renewed go on to serve once they are no longer fresh. Milliseconds,
   * default one hour; 0 forbids it.
   */
  readonly staleFor?: number
  /**
   * Keeps the platform from ending a load when the request that began it has been answered, as
   * `waitUntil` of `cloudflare:workers` or `@vercel/functions` does. What it throws is dropped.
   */
  readonly waitUntil?: (work: Promise<unknown>) => void
  /**
   * Lets every request go on, and tells of those that would have been denied by `would_deny` events and
   * the verdict's `wouldDeny`. Default false. For finding out who would break before it is on: with it
   * the API is open.
   */
  readonly reportOnly?: boolean
  /** Told what happens: verdicts, loads, failures. What it throws is dropped. */
  readonly onEvent?: (event: GuardEvent) => void
}

/** The options, checked and complete. */
export interface GuardSettings extends BindingPolicy {
  readonly issuers: readonly IssuerSettings[]
  readonly tokenCache: MemoryBounds | undefined
  readonly audience: readonly string[]
  readonly clockTolerance: number
  readonly realm: string
  readonly resourceMetadata: string | undefined
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly timeout: number
  readonly staleFor: number
  readonly waitUntil: (work: Promise<unknown>) => void
  readonly reportOnly: boolean
  /** Whether there is an `onEvent`: what costs something on every request is told only then. */
  readonly isHeard: boolean
  readonly emit: (event: GuardEvent) => void
}

const CALLER = 'createGuard'
const WEEK = 7 * 24 * 3_600_000
const NAMES: readonly (keyof GuardOptions)[] = [
  ...ISSUER_OPTIONS,
  'issuers',
  'clockTolerance',
  'binding',
  'dpop',
  'certificates',
  'tokenCache',
  'realm',
  'resourceMetadata',
  'fetch',
  'now',
  'timeout',
  'staleFor',
  'waitUntil',
  'reportOnly',
  'onEvent',
]

/** Throws: `ArgumentError` naming the option at fault. */
export function readGuardOptions(options: GuardOptions): GuardSettings {
  assertKnownOptions(CALLER, options, NAMES)
  const given = options as GuardOptions
  const audience = readAudience(given.audience)
  const now = optionalFunction(CALLER, 'now', given.now, Date.now)
  // Looked up at each call and called on its owner: some runtimes insist on the latter.
  const fetch = optionalFunction(CALLER, 'fetch', given.fetch, (input, init) =>
    globalThis.fetch(input, init),
  )
  const revocation = readRevocation(CALLER, given.revocation)
  const issuers = readTrustedIssuers(given, { audience, fetch, revocation })
  const dpop = readDpop(given.dpop, {
    audience,
    now,
    // A proof is read before it is known whose token it goes with.
    allowed: issuers.find(({ profile }) => !profile.otherAlgorithms)?.profile.algorithms,
  })
  const certificates = readCertificates(given.certificates)
  return {
    issuers,
    binding: readBinding(given.binding, issuers, dpop !== undefined || certificates !== undefined),
    dpop,
    certificates,
    tokenCache: readTokenCache(given.tokenCache),
    fetch,
    audience,
    clockTolerance: optionalNumber(CALLER, 'clockTolerance', given.clockTolerance, {
      fallback: 5000,
      min: 0,
      max: 60_000,
    }),
    realm: readRealm(given.realm, audience),
    resourceMetadata: readResourceMetadata(given.resourceMetadata),
    now,
    timeout: optionalNumber(CALLER, 'timeout', given.timeout, {
      fallback: 5000,
      min: 1,
      max: 60_000,
    }),
    staleFor: optionalNumber(CALLER, 'staleFor', given.staleFor, {
      fallback: 3_600_000,
      min: 0,
      max: WEEK,
    }),
    waitUntil: optionalFunction(CALLER, 'waitUntil', given.waitUntil, () => {}),
    reportOnly: readReportOnly(given.reportOnly),
    isHeard: given.onEvent !== undefined,
    emit: safeEmitter(optionalFunction(CALLER, 'onEvent', given.onEvent, () => {})),
  }
}

/** In ASCII, as a challenge has to be. */
function readResourceMetadata(value: unknown): string | undefined {
  const text = optionalSecureUrl(CALLER, 'resourceMetadata', value)
  return text === undefined ? undefined : new URL(text).href
}

/** A profile may demand it of all tokens that it is for. */
function readBinding(
  value: unknown,
  issuers: readonly IssuerSettings[],
  canBind: boolean,
): 'optional' | 'required' {
  const binding = value ?? (issuers.every(({ profile }) => profile.bound) ? 'required' : 'optional')
  if (binding !== 'optional' && binding !== 'required') {
    throw invalid('binding', "must be 'optional' or 'required'")
  }
  const strict = issuers.find(({ profile }) => profile.bound)?.profile.name
  if (strict !== undefined && issuers.length === 1 && binding === 'optional') {
    throw invalid('binding', `must be 'required' with the profile '${strict}'`)
  }
  if (canBind || (strict === undefined && binding === 'optional')) return binding
  const what =
    binding === 'required' && value !== undefined ? "'required'" : `as '${strict}' has it`
  throw invalid('binding', `cannot be ${what} without 'dpop' or 'certificates'`)
}

function readReportOnly(value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false
  const message = `${CALLER}: 'reportOnly' must be true or false`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'reportOnly', message)
}

function readRealm(value: unknown, [audience]: readonly string[]): string {
  const realm = optionalString(CALLER, 'realm', value) ?? audience ?? ''
  if (!/^[\x20-\x7e]+$/.test(realm)) {
    throw invalid('realm', 'must be printable ASCII; give one where the audience is not')
  }
  return realm
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
