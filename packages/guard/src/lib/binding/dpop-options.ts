import {
  ArgumentError,
  assertKnownOptions,
  optionalNumber,
  parseSecureUrl,
  requiredString,
} from '@countersign/protocol'
import {
  DEFAULT_SIGNATURE_ALGORITHMS,
  dpopNonces,
  dpopVerifier,
  type DpopVerifier,
  type SignatureAlgorithm,
} from '@countersign/verify'
import { optionsOf } from '../guard/options-of.ts'
import { proofMemory, type ProofMemoryLimits } from './proof-memory.ts'
import type { ProofReplayStore } from './proof-replay.ts'

/** How a guard takes tokens that are bound to a key by DPoP. Everything has a default: `{}` will do. */
export interface DpopOptions {
  /**
   * The address of this API as its clients call it: origin, and the path that a proxy takes away. The
   * path of a request is put behind it. A list where it is called by several, such as by a public name
   * and one inside. Default: the origin of the first audience that is a URL. The `Host` header is never
   * asked: it is the client's word.
   */
  readonly baseUrl?: string | readonly string[]
  /** Algorithms of proofs. Default ES256, PS256, EdDSA, Ed25519 and RS256. Named in challenges. */
  readonly algorithms?: readonly SignatureAlgorithm[]
  /** How old a proof may be. Milliseconds, default 60,000, at most 10 minutes. */
  readonly maxAge?: number
  /** How far ahead the client's clock may be. Milliseconds, default 10,000, at most 60,000. */
  readonly clockTolerance?: number
  /**
   * Nonces that need no store: secrets of at least 32 bytes, which all instances share, the newest one
   * first; and for how long each nonce is the newest (milliseconds, default 60,000). Default: none.
   */
  readonly nonces?: {
    readonly secrets: readonly (string | Uint8Array)[]
    readonly lifetime?: number
  }
  /** Whether a proof without a nonce is refused. Default `required` where there are nonces. */
  readonly nonce?: 'required' | 'optional'
  /**
   * Remembers proofs that were used. Default: the memory of this process, which knows nothing of other
   * instances. Give them a store in common, or the proof of one is good once at each.
   */
  readonly replay?: ProofReplayStore
  /**
   * What becomes of a request whose proof the store can say nothing about, because it fails or is late.
   * Default `refuse`: 503. With `allow` the request goes on, and a `replay_unchecked` event tells that
   * its proof may have been used before.
   */
  readonly onReplayStoreError?: 'refuse' | 'allow'
  /** Proofs that the memory of this process holds; full, it answers 503. Default 100,000. */
  readonly maxRemembered?: number
  /** Proofs of one key among them, so that no client fills it alone. Default half of them. */
  readonly maxRememberedPerKey?: number
}

/** The options, checked and complete. */
export interface DpopSettings {
  readonly verify: DpopVerifier
  /** No trailing slashes. */
  readonly baseUrls: readonly string[]
  readonly algorithms: readonly SignatureAlgorithm[]
  readonly replay: ProofReplayStore
  /** Whether a request goes on whose proof the store can say nothing about. */
  readonly allowsUnchecked: boolean
}

const CALLER = 'createGuard'
const NAMES: readonly (keyof DpopOptions)[] = [
  'baseUrl',
  'algorithms',
  'maxAge',
  'clockTolerance',
  'nonces',
  'nonce',
  'replay',
  'onReplayStoreError',
  'maxRemembered',
  'maxRememberedPerKey',
]

/** Throws: `ArgumentError`, naming the option, such as `dpop.baseUrl`. */
export function readDpop(
  options: DpopOptions | undefined,
  {
    audience,
    now,
    allowed,
  }: {
    readonly audience: readonly string[]
    readonly now: () => number
    /** The algorithms that proofs may be signed with, where a profile says which. */
    readonly allowed?: readonly SignatureAlgorithm[] | undefined
  },
): DpopSettings | undefined {
  if (options === undefined) return undefined
  return optionsOf('dpop', () => {
    assertKnownOptions(CALLER, options, NAMES)
    const given: DpopOptions = options
    const {
      algorithms = allowed ?? DEFAULT_SIGNATURE_ALGORITHMS,
      maxAge,
      clockTolerance,
      nonce,
    } = given
    if (allowed !== undefined) assertAllowed(algorithms, allowed)
    return {
      baseUrls: readBaseUrls(given.baseUrl, audience),
      algorithms: [...algorithms],
      replay: readReplay(given.replay) ?? proofMemory(readLimits(given), now),
      allowsUnchecked: readStorePolicy(given.onReplayStoreError),
      verify: dpopVerifier({
        algorithms,
        now,
        ...(maxAge !== undefined && { maxAge }),
        ...(clockTolerance !== undefined && { clockTolerance }),
        ...(nonce !== undefined && { nonce }),
        ...(given.nonces !== undefined && { nonces: readNonces(given.nonces, audience, now) }),
      }),
    }
  })
}

function assertAllowed(
  algorithms: readonly SignatureAlgorithm[],
  allowed: readonly SignatureAlgorithm[],
): void {
  if (!Array.isArray(algorithms)) return
  const at = algorithms.findIndex((one) => !allowed.includes(one))
  if (at === -1) return
  throw invalid(`algorithms[${at}]`, `is not for the profile, which has ${allowed.join(', ')}`)
}

function readNonces(
  nonces: NonNullable<DpopOptions['nonces']>,
  [audience = '']: readonly string[],
  now: () => number,
): ReturnType<typeof dpopNonces> {
  return optionsOf('nonces', () => {
    assertKnownOptions(CALLER, nonces, ['secrets', 'lifetime'])
    const { secrets, lifetime } = nonces
    return dpopNonces({ secrets, audience, now, ...(lifetime !== undefined && { lifetime }) })
  })
}

function readBaseUrls(value: unknown, audience: readonly string[]): readonly string[] {
  if (Array.isArray(value)) {
    if (value.length === 0 || value.length > MAX_BASE_URLS) {
      throw invalid('baseUrl', `must be 1 to ${MAX_BASE_URLS} addresses`)
    }
    return value.map((one, index) => checkedBaseUrl(`baseUrl[${index}]`, one))
  }
  if (value !== undefined) return [checkedBaseUrl('baseUrl', value)]
  const origin = audience.map((one) => URL.parse(one)).find((url) => /^https?:/.test(`${url}`))
  if (origin) return [origin.origin]
  throw new ArgumentError(
    'ERR_ARGUMENT_MISSING',
    'baseUrl',
    `${CALLER}: 'baseUrl' is required where no audience is a URL`,
  )
}

/** Each is compared with every proof. */
const MAX_BASE_URLS = 16

function checkedBaseUrl(option: string, value: unknown): string {
  const text = requiredString(CALLER, option, value)
  const url = parseSecureUrl(option, text)
  if (!url.ok) throw invalid(option, url.reason)
  if (url.value.search !== '' || url.value.hash !== '') {
    throw invalid(option, 'must have neither query nor fragment')
  }
  return text.replace(/\/+$/, '')
}

function readReplay(value: ProofReplayStore | undefined): ProofReplayStore | undefined {
  if (value === undefined || typeof value?.reserve === 'function') return value
  throw new ArgumentError(
    'ERR_ARGUMENT_TYPE',
    'replay',
    `${CALLER}: 'replay' must have a function 'reserve'`,
  )
}

function readLimits({ maxRemembered, maxRememberedPerKey }: DpopOptions): ProofMemoryLimits {
  const bounds = { fallback: 100_000, min: 1, max: 10_000_000 }
  const total = optionalNumber(CALLER, 'maxRemembered', maxRemembered, bounds)
  const perKey = optionalNumber(CALLER, 'maxRememberedPerKey', maxRememberedPerKey, {
    fallback: Math.ceil(total / 2),
    min: 1,
    max: total,
  })
  return { total, perKey }
}

function readStorePolicy(value: unknown): boolean {
  if (value === undefined || value === 'refuse' || value === 'allow') return value === 'allow'
  throw invalid('onReplayStoreError', "must be 'refuse' or 'allow'")
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
