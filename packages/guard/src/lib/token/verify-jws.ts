import {
  parseCompactJws,
  type CompactJws,
  type Parsed,
  type JsonObject,
  type JwsHeader,
} from '@countersign/protocol'
import type { KeyLookup, KeySource, VerificationKey } from '@countersign/verify'
import type { RefusedToken } from './token-verifier.ts'

/** The payload of a JWS that its issuer signed, or why it is not. */
export type JwsOutcome =
  | {
      readonly ok: true
      readonly header: JwsHeader
      readonly payload: JsonObject
      readonly signer: VerificationKey
    }
  | RefusedToken

/** Which JWTs are looked at. */
export interface SignedPolicy {
  readonly algorithms: ReadonlySet<string>
  /** Of the header; `undefined` stands for a header without `typ`. */
  readonly types: readonly (string | undefined)[]
  /** In characters. Default: that of a token. */
  readonly maxLength?: number
}

/**
 * Verifies who signed a JWT of a type, cheap checks first: shape, policy, key, signature.
 *
 * The header chooses a key by `kid` and `alg` within the policy and nothing more: `jku`, `jwk`, `x5u`
 * and `x5c` are not looked at. `jws` is the text taken apart, where that was done before.
 * Source: RFC 8725 sections 3.1, 3.10 and 3.11.
 */
export function verifyJws(
  text: string,
  { algorithms, types, maxLength }: SignedPolicy,
  keys: KeySource,
  jws: Parsed<CompactJws> = parseCompactJws(text, maxLength),
): JwsOutcome | Promise<JwsOutcome> {
  if (!jws.ok) return { ok: false, reason: 'malformed_token' }
  const signed = jws.value
  const { alg, kid, typ } = signed.header
  if (!algorithms.has(alg)) return { ok: false, reason: 'algorithm_not_allowed' }
  if (!types.includes(typ)) return { ok: false, reason: 'wrong_type' }

  // Not by `onceKnown`, here and below: a function for each step of each token adds up.
  const lookup = keys.find(alg, kid)
  return lookup instanceof Promise
    ? lookup.then((known) => verifySignature(signed, known, keys))
    : verifySignature(signed, lookup, keys)
}

function verifySignature(
  signed: CompactJws,
  lookup: KeyLookup,
  keys: KeySource,
): JwsOutcome | Promise<JwsOutcome> {
  if (lookup.kind !== 'found') return keyRefusal(lookup)
  const signer = signerAmong(lookup.keys, signed)
  return signer instanceof Promise
    ? signer.then((known) => signedBy(known, signed) ?? triedAnew(signed, keys))
    : (signedBy(signer, signed) ?? triedAnew(signed, keys))
}

/** Why a token is refused whose key was not found. */
export function keyRefusal(lookup: Exclude<KeyLookup, { readonly kind: 'found' }>): RefusedToken {
  return lookup.kind === 'unavailable'
    ? { ok: false, reason: 'keys_unavailable', retryAfter: lookup.retryAfter }
    : { ok: false, reason: 'unknown_key' }
}

/** An issuer may have put another key under the same `kid`. */
async function triedAnew(signed: CompactJws, keys: KeySource): Promise<JwsOutcome> {
  const { alg, kid } = signed.header
  const replaced: KeyLookup = await keys.findReplaced(alg, kid)
  const signer = replaced.kind === 'found' ? await signerAmong(replaced.keys, signed) : undefined
  return signedBy(signer, signed) ?? { ok: false, reason: 'bad_signature' }
}

function signedBy(
  signer: VerificationKey | undefined,
  { header, payload }: CompactJws,
): JwsOutcome | undefined {
  return signer && { ok: true, header, payload, signer }
}

/** The key that made the signature, if one did. */
function signerAmong(
  keys: readonly VerificationKey[],
  signed: CompactJws,
  from: number = 0,
): VerificationKey | undefined | Promise<VerificationKey | undefined> {
  const key = keys[from]
  if (key === undefined) return undefined
  const good = key.verify(signed.signed, signed.signature)
  if (good instanceof Promise) {
    return good.then((known) => (known ? key : signerAmong(keys, signed, from + 1)))
  }
  return good ? key : signerAmong(keys, signed, from + 1)
}
