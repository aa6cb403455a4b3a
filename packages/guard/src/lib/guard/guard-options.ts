import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  optionalFunction,
  optionalNumber,
  optionalString,
  parseIssuer,
  parseSecureUrl,
  requiredString,
  type Issuer,
} from '@countersign/protocol'
import {
  DEFAULT_SIGNATURE_ALGORITHMS,
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
} from '@countersign/verify'
import type { BindingPolicy } from '../binding/check-binding.ts'
import { readDpop, type DpopOptions } from '../binding/dpop-options.ts'
import { readCertificates, type CertificateOrigin } from '../binding/request-certificate.ts'
import {
  readIntrospection,
  type IntrospectionOptions,
  type IntrospectionSettings,
} from '../introspection/introspection-options.ts'
import type { RevocationSource } from '../revocation/revocation-check.ts'
import { safeEmitter, type GuardEvent } from './guard-event.ts'

/** What a guard needs to know. */
export interface GuardOptions {
  /** The issuer identifier, letter by letter as tokens have it in `iss`. */
  readonly issuer: string
  /** Identifiers of this API, one or several: a token must have one of them in `aud`. */
  readonly audience: string | readonly string[]
  /** Where the issuer's keys are. Default: found through its metadata (RFC 8414, then OpenID). */
  readonly jwksUri?: string
  /**
   * Signature algorithms that are accepted. Default ES256, PS256, EdDSA, Ed25519 and RS256; ML-DSA-44
   * and ML-DSA-65 can be added where the runtime has them, as Node does from 24.
   */
  readonly algorithms?: readonly SignatureAlgorithm[]
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
  /** Asks the issuer about tokens that are not JWTs. Default: they are refused. */
  readonly introspection?: IntrospectionOptions
  /**
   * Where the guard learns that tokens ended before their time: what the functions of
   * `@countersign/guard/revocation` give, one or several. Default: tokens live until they expire.
   */
  readonly revocation?: RevocationSource | readonly RevocationSource[]
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
  readonly introspection: IntrospectionSettings | undefined
  readonly revocation: readonly RevocationSource[]
  readonly issuer: Issuer
  readonly audience: readonly string[]
  readonly jwksUri: string | undefined
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  readonly clockTolerance: number
  readonly realm: string
  readonly resourceMetadata: string | undefined
  readonly fetch: typeof globalThis.fetch
  readonly now: () => number
  readonly timeout: number
  readonly staleFor: number
  readonly reportOnly: boolean
  /** Whether there is an `onEvent`: what costs something on every request is told only then. */
  readonly isHeard: boolean
  readonly emit: (event: GuardEvent) => void
}

const CALLER = 'createGuard'
const WEEK = 7 * 24 * 3_600_000
const NAMES: readonly (keyof GuardOptions)[] = [
  'issuer',
  'audience',
  'jwksUri',
  'algorithms',
  'clockTolerance',
  'binding',
  'dpop',
  'certificates',
  'introspection',
  'revocation',
  'realm',
  'resourceMetadata',
  'fetch',
  'now',
  'timeout',
  'staleFor',
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
  const dpop = readDpop(given.dpop, { audience, now })
  const certificates = readCertificates(given.certificates)
  return {
    binding: readBinding(given.binding, dpop !== undefined || certificates !== undefined),
    dpop,
    certificates,
    introspection: readIntrospection(given.introspection, fetch),
    revocation: readRevocation(given.revocation),
    fetch,
    issuer: readIssuer(given.issuer),
    audience,
    jwksUri: readSecureUrl('jwksUri', given.jwksUri),
    algorithms: readAlgorithms(given.algorithms),
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
    reportOnly: readReportOnly(given.reportOnly),
    isHeard: given.onEvent !== undefined,
    emit: safeEmitter(optionalFunction(CALLER, 'onEvent', given.onEvent, () => {})),
  }
}

function readIssuer(value: unknown): Issuer {
  const issuer = parseIssuer(requiredString(CALLER, 'issuer', value))
  if (!issuer.ok) throw invalid('issuer', issuer.reason)
  return issuer.value
}

function readAudience(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [requiredString(CALLER, 'audience', value)]
  if (value.length === 0) throw invalid('audience', 'must name at least one identifier of this API')
  return value.map((one, index) => requiredString(CALLER, `audience[${index}]`, one))
}

function readSecureUrl(name: 'jwksUri' | 'resourceMetadata', value: unknown): string | undefined {
  const text = optionalString(CALLER, name, value)
  if (text === undefined) return undefined
  const url = parseSecureUrl(name, text)
  if (!url.ok) throw invalid(name, url.reason)
  return text
}

/** In ASCII, as a challenge has to be. */
function readResourceMetadata(value: unknown): string | undefined {
  const text = readSecureUrl('resourceMetadata', value)
  return text === undefined ? undefined : new URL(text).href
}

function readAlgorithms(value: unknown): ReadonlySet<SignatureAlgorithm> {
  if (value === undefined) return new Set(DEFAULT_SIGNATURE_ALGORITHMS)
  if (!Array.isArray(value)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_TYPE',
      'algorithms',
      `${CALLER}: 'algorithms' must be a list`,
    )
  }
  if (value.length === 0) throw invalid('algorithms', 'must not be empty')
  const known: readonly unknown[] = SIGNATURE_ALGORITHMS
  for (const [index, name] of value.entries()) {
    if (known.includes(name)) continue
    const nearest = typeof name === 'string' && nearestName(name, SIGNATURE_ALGORITHMS)
    const hint = nearest ? `did you mean '${nearest}'?` : `known are ${known.join(', ')}`
    throw invalid(`algorithms[${index}]`, `is not an algorithm that can be checked; ${hint}`)
  }
  return new Set(value as readonly SignatureAlgorithm[])
}

function readBinding(value: unknown, canBind: boolean): 'optional' | 'required' {
  if (value === undefined || value === 'optional') return 'optional'
  if (value !== 'required') throw invalid('binding', "must be 'optional' or 'required'")
  if (!canBind) throw invalid('binding', "cannot be 'required' without 'dpop' or 'certificates'")
  return value
}

function readRevocation(
  value: RevocationSource | readonly RevocationSource[] | undefined,
): readonly RevocationSource[] {
  if (value === undefined) return []
  const sources = typeof value === 'function' ? [value] : value
  if (Array.isArray(sources) && sources.every((one) => typeof one === 'function')) {
    return [...sources]
  }
  const message = `${CALLER}: 'revocation' must be what a function of the entry 'revocation' gives`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'revocation', message)
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
