import {
  ArgumentError,
  isJsonObject,
  optionalSecureUrl,
  parseBase64url,
  parseJwkSet,
  type JsonObject,
} from '@countersign/protocol'
import { keyFits, toPublicJwk, type SignatureAlgorithm } from '@countersign/verify'

/** Where the keys of an issuer come from. */
export interface KeyOptions {
  /** Where the issuer's keys are. Default: found through its metadata (RFC 8414, then OpenID). */
  readonly jwksUri?: string
  /**
   * The issuer's keys, as a JWK set, in place of those that it publishes: nothing is loaded, so a key
   * that is replaced there has to be replaced here.
   */
  readonly jwks?: { readonly keys: readonly object[] }
  /**
   * RFC 7638 SHA-256 thumbprints, base64url, of the only keys that are taken, whatever else the issuer
   * publishes. Others are ignored, with an `unpinned_keys` event. Default: every published key.
   */
  readonly pinnedKeys?: readonly string[]
}

/** The options, checked. */
export interface KeySettings {
  readonly jwksUri: string | undefined
  readonly jwks: JsonObject | undefined
  readonly pinnedKeys: ReadonlySet<string> | undefined
}

const CALLER = 'createGuard'

/** Throws: `ArgumentError`, naming the option. No key is in it. */
export function readKeyOptions(
  { jwksUri, jwks, pinnedKeys }: KeyOptions,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): KeySettings {
  if (jwks !== undefined && (jwksUri !== undefined || pinnedKeys !== undefined)) {
    throw invalid('jwks', "is the whole set: it goes without 'jwksUri' and 'pinnedKeys'")
  }
  return {
    jwksUri: optionalSecureUrl(CALLER, 'jwksUri', jwksUri),
    jwks: readJwks(jwks, algorithms),
    pinnedKeys: readPinnedKeys(pinnedKeys),
  }
}

function readJwks(
  value: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
): JsonObject | undefined {
  if (value === undefined) return undefined
  const set = parseJwkSet(value)
  if (!set.ok || !isJsonObject(value)) {
    throw invalid(
      'jwks',
      set.ok ? 'must be a JWK set' : `is no JWK set to be trusted: ${set.reason}`,
    )
  }
  const isUsable = set.value.some(
    (key) => toPublicJwk(key) !== undefined && [...algorithms].some((one) => keyFits(key, one)),
  )
  if (!isUsable) throw invalid('jwks', "has no key for any of the 'algorithms'")
  // What its owner changes later changes nothing here.
  return structuredClone(value)
}

function readPinnedKeys(value: unknown): ReadonlySet<string> | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) throw invalid('pinnedKeys', 'must be a list')
  if (value.length === 0) throw invalid('pinnedKeys', 'must not be empty')
  for (const [index, one] of value.entries()) {
    if (typeof one === 'string' && one.length === 43 && parseBase64url(one) !== undefined) continue
    throw invalid(`pinnedKeys[${index}]`, 'is no SHA-256 thumbprint in base64url')
  }
  return new Set(value as readonly string[])
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
