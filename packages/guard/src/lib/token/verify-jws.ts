import { parseCompactJws, type JsonObject } from '@countersign/protocol'
import type { KeySource, SignatureVerifier } from '@countersign/verify'
import type { DenialReason } from '../verdict/denial-reasons.ts'

/** The payload of a JWS that its issuer signed, or why it is not. */
export type JwsOutcome =
  | { readonly ok: true; readonly payload: JsonObject }
  | {
      readonly ok: false
      readonly reason: DenialReason
      /** Milliseconds; only for an outage. */
      readonly retryAfter?: number
    }

/**
 * Verifies who signed a JWT of a type, cheap checks first: shape, policy, key, signature.
 *
 * The header chooses a key by `kid` and `alg` within the policy and nothing more: `jku`, `jwk`, `x5u`
 * and `x5c` are not looked at.
 * Source: RFC 8725 sections 3.1, 3.10 and 3.11.
 */
export async function verifyJws(
  text: string,
  { algorithms, type }: { readonly algorithms: ReadonlySet<string>; readonly type: string },
  keys: KeySource,
): Promise<JwsOutcome> {
  const jws = parseCompactJws(text)
  if (!jws.ok) return { ok: false, reason: 'malformed_token' }
  const { header, payload, signingInput, signature } = jws.value
  const { alg, kid, typ } = header
  if (!algorithms.has(alg)) return { ok: false, reason: 'algorithm_not_allowed' }
  if (typ !== type) return { ok: false, reason: 'wrong_type' }

  const looked = keys.find(alg, kid)
  // An await costs a turn of the queue: only where there is something to wait for.
  const lookup = looked instanceof Promise ? await looked : looked
  if (lookup.kind === 'unavailable') {
    return { ok: false, reason: 'keys_unavailable', retryAfter: lookup.retryAfter }
  }
  if (lookup.kind === 'unknown') return { ok: false, reason: 'unknown_key' }
  const tried = anyVerifies(lookup.keys, signingInput, signature)
  if (typeof tried === 'boolean' ? tried : await tried) return { ok: true, payload }

  const replaced = await keys.findReplaced(alg, kid)
  return replaced.kind === 'found' && (await anyVerifies(replaced.keys, signingInput, signature))
    ? { ok: true, payload }
    : { ok: false, reason: 'bad_signature' }
}

/** At once where the runtime can: a promise for each token would cost a turn of the queue. */
function anyVerifies(
  keys: readonly SignatureVerifier[],
  input: string,
  signature: Uint8Array<ArrayBuffer>,
): boolean | Promise<boolean> {
  for (const [index, key] of keys.entries()) {
    const good = key.verify(input, signature)
    if (typeof good !== 'boolean') {
      return good.then((one) => one || anyVerifies(keys.slice(index + 1), input, signature))
    }
    if (good) return true
  }
  return false
}
