import {
  ArgumentError,
  assertKnownOptions,
  formatBase64url,
  optionalFunction,
  optionalNumber,
  requiredString,
} from '@countersign/protocol'

/** Nonces that a server gives out and knows again without remembering them. */
export interface DpopNonces {
  /** The newest nonce: the value of a `DPoP-Nonce` header. All callers get the same one. */
  issue(): Promise<string>
  /** Whether a nonce is one of these, and until when. */
  check(nonce: string): Promise<NonceCheck>
}

/** What is known of a nonce. */
export type NonceCheck =
  | {
      readonly valid: true
      /** Whether it is the one that {@link DpopNonces.issue} gives now. */
      readonly newest: boolean
      /** It is refused from this instant on; epoch milliseconds. */
      readonly expiresAt: number
    }
  | { readonly valid: false }

export interface DpopNoncesOptions {
  /**
   * Secrets of at least 32 bytes, one to eight. The first makes nonces, all are accepted: put a new
   * one in front and take the old one away after twice the lifetime. Servers that share them take
   * each other's nonces.
   */
  readonly secrets: readonly (string | Uint8Array)[]
  /** Who gives them out, such as the origin of the server: nonces of another are not accepted. */
  readonly audience: string
  /**
   * How long a nonce is the newest. It is accepted for as long again, so it lives one to two
   * lifetimes. Milliseconds, default 60,000, from 1,000 to one hour.
   */
  readonly lifetime?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const CALLER = 'dpopNonces'
const NAMES: readonly (keyof DpopNoncesOptions)[] = ['secrets', 'audience', 'lifetime', 'now']
const MAX_SECRETS = 8
const MIN_SECRET = 32
const ENCODER = new TextEncoder()

/**
 * Nonces without a store: each is a MAC over the number of the span of time it belongs to.
 *
 * The nonce of this span and of the one before are accepted, and that of the next one, which a server
 * whose clock is ahead may have given out.
 * Throws: `ArgumentError`, naming the option. No secret is part of it.
 * Source: RFC 9449 sections 8, 8.1 and 11.3.
 */
export function dpopNonces(options: DpopNoncesOptions): DpopNonces {
  assertKnownOptions(CALLER, options, NAMES)
  const given: DpopNoncesOptions = options
  const secrets = readSecrets(given.secrets)
  const audience = requiredString(CALLER, 'audience', given.audience)
  const bounds = { fallback: 60_000, min: 1000, max: 3_600_000 }
  const lifetime = optionalNumber(CALLER, 'lifetime', given.lifetime, bounds)
  const now = optionalFunction(CALLER, 'now', given.now, Date.now)
  let keys: readonly CryptoKey[] | undefined
  /** The nonces of a span, in the order of the secrets. */
  const spans = new Map<number, readonly string[]>()

  async function noncesOf(span: number): Promise<readonly string[]> {
    const known = spans.get(span)
    if (known !== undefined) return known
    keys ??= await Promise.all(secrets.map(importSecret))
    const input = ENCODER.encode(`countersign dpop nonce\n${span}\n${audience}`)
    const made = await Promise.all(keys.map((key) => mac(key, input)))
    spans.set(span, made)
    for (const other of spans.keys()) if (Math.abs(other - span) > 2) spans.delete(other)
    return made
  }

  const currentSpan = (): number => Math.floor(now() / lifetime)

  return {
    async issue() {
      const [newest = ''] = await noncesOf(currentSpan())
      return newest
    },
    async check(nonce) {
      const current = currentSpan()
      let found: NonceCheck = { valid: false }
      for (const span of [current - 1, current, current + 1]) {
        for (const [index, known] of (await noncesOf(span)).entries()) {
          // Every one is looked at, so that the time says nothing of which it is like.
          if (!isSame(nonce, known)) continue
          const newest = index === 0 && span >= current
          found = { valid: true, newest, expiresAt: (span + 2) * lifetime }
        }
      }
      return found
    },
  }
}

function readSecrets(value: unknown): readonly Uint8Array<ArrayBuffer>[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_SECRETS) {
    throw invalid('secrets', `must be a list of 1 to ${MAX_SECRETS} secrets`)
  }
  return value.map((secret: unknown, index) => {
    const bytes = typeof secret === 'string' ? ENCODER.encode(secret) : secret
    if (!(bytes instanceof Uint8Array) || bytes.length < MIN_SECRET) {
      throw invalid(`secrets[${index}]`, `must be a text or bytes, ${MIN_SECRET} bytes or more`)
    }
    return Uint8Array.from(bytes)
  })
}

function invalid(option: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${message}`)
}

function importSecret(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return globalThis.crypto.subtle.importKey('raw', secret, algorithm, false, ['sign'])
}

async function mac(key: CryptoKey, input: Uint8Array<ArrayBuffer>): Promise<string> {
  return formatBase64url(new Uint8Array(await globalThis.crypto.subtle.sign('HMAC', key, input)))
}

/** Compares in a time that depends on the lengths alone. */
function isSame(given: string, known: string): boolean {
  if (given.length !== known.length) return false
  let difference = 0
  for (let i = 0; i < known.length; i++) difference |= given.charCodeAt(i) ^ known.charCodeAt(i)
  return difference === 0
}
