import { DPOP_PROOF_TYPE, dpopTarget, parseDpopProof, type DpopProof } from '@countersign/protocol'
import { sha256Base64url } from '../digest/sha256.ts'
import { SIGNATURE_ALGORITHMS } from '../signature/signature-algorithm.ts'
import type { DpopFault } from './dpop-faults.ts'
import { readDpopOptions, type DpopVerifierOptions } from './dpop-verifier-options.ts'
import { proofKeys } from './proof-keys.ts'

/** A request that came with a proof, or should have. */
export interface DpopPresentation {
  /**
   * The `DPoP` header: its value as `Headers` or node:http give it, where several headers are one text
   * with commas, or the list of values.
   */
  readonly proof: string | readonly string[] | null | undefined
  readonly method: string
  /**
   * The absolute URL that the client called, as it is seen from outside; a list where it has several
   * names and any of them will do. The query does not count.
   */
  readonly url: string | readonly string[]
  /** The access token that came along, at an API: the proof must hold its digest. */
  readonly accessToken?: string | undefined
  /** The thumbprint that the access token is bound to (`cnf.jkt`): the proof must be by that key. */
  readonly boundTo?: string | undefined
}

/** What to remember so that a proof is taken once. Remember it last, when all else is good. */
export interface DpopReplay {
  /** Names the proof: a digest of its key, method, URL and `jti`. */
  readonly key: string
  /** No server takes the proof after this instant; epoch milliseconds. */
  readonly until: number
}

/** Whether a proof is good. */
export type DpopVerdict =
  | {
      readonly ok: true
      /** The thumbprint of the key (`jkt`). */
      readonly thumbprint: string
      readonly jti: string
      /** Epoch milliseconds, by the clock of the client. */
      readonly issuedAt: number
      readonly replay: DpopReplay
      /** To be sent as `DPoP-Nonce`, with `Cache-Control: no-store`; `undefined` where none is due. */
      readonly nextNonce: string | undefined
    }
  | {
      readonly ok: false
      readonly reason: DpopFault
      /** As above: due with every refusal of a server that has nonces. */
      readonly nextNonce: string | undefined
    }

/** Judges a request. Never rejects for anything a request holds. */
export type DpopVerifier = (presentation: DpopPresentation) => Promise<DpopVerdict>

/**
 * A verifier for DPoP proofs, for a token endpoint or an API. Make one and keep it.
 *
 * It makes the checks of RFC 9449 section 4.3, those that cost least first: a key is imported and a
 * signature verified only for a proof that is right in all else, and, at an API, by the key that the
 * token is bound to. It remembers no proof: whoever calls it does, by `replay`, once everything else
 * about the request is good.
 * Throws: `ArgumentError`, naming the option.
 * Source: RFC 9449 sections 4.3, 8, 9 and 11.1.
 */
export function dpopVerifier(options: DpopVerifierOptions = {}): DpopVerifier {
  const { algorithms, maxAge, clockTolerance, nonces, required, alwaysCheckAge, now } =
    readDpopOptions(options)
  const keys = proofKeys()

  async function judge(presentation: DpopPresentation): Promise<DpopFault | Judged> {
    const text = onlyProof(presentation.proof)
    if (!text.ok) return text.reason
    const parsed = parseDpopProof(text.value)
    if (!parsed.ok) return 'malformed_proof'
    const proof = parsed.value
    if (proof.typ !== DPOP_PROOF_TYPE) return 'wrong_type'
    const algorithm = SIGNATURE_ALGORITHMS.find((one) => one === proof.alg)
    if (algorithm === undefined || !algorithms.has(algorithm)) return 'algorithm_not_allowed'
    const key = keys.read(proof.jwk, algorithm)
    if (typeof key === 'string') return key
    if (proof.htm !== presentation.method) return 'wrong_method'
    const target = dpopTarget(proof.htu)
    if (target === undefined || !isTarget(target, presentation.url)) return 'wrong_url'
    const time = await timeOf(proof)
    if (typeof time === 'string') return time
    const { accessToken, boundTo } = presentation
    if (accessToken !== undefined && proof.ath !== (await sha256Base64url(accessToken))) {
      return 'wrong_token_hash'
    }
    const thumbprint = await keys.thumbprintOf(key)
    if (boundTo !== undefined && boundTo !== thumbprint) return 'wrong_key'
    const verifier = await keys.verifierOf(key)
    if (verifier === undefined) return 'unusable_key'
    if (!(await verifier.verify(proof.signingInput, proof.signature))) return 'bad_signature'
    return { proof, thumbprint, target, ...time }
  }

  /** Checks 10 and 11: until when the proof is good, or why it is not. */
  async function timeOf({ nonce, iat }: DpopProof): Promise<DpopFault | ProofTime> {
    const issuedAt = iat * 1000
    if (nonces !== undefined) {
      if (nonce === undefined && required) return 'no_nonce'
      const check = nonce === undefined ? undefined : await nonces.check(nonce)
      if (check?.valid === false) return 'wrong_nonce'
      if (check !== undefined && !alwaysCheckAge) {
        return { until: check.expiresAt + clockTolerance, newest: check.newest }
      }
      const fault = ageFault(issuedAt)
      const until = Math.min(check?.expiresAt ?? Infinity, issuedAt + maxAge) + clockTolerance
      return fault ?? { until, newest: check?.newest ?? false }
    }
    return ageFault(issuedAt) ?? { until: issuedAt + maxAge + clockTolerance, newest: true }
  }

  function ageFault(issuedAt: number): 'too_old' | 'issued_in_future' | undefined {
    const age = now() - issuedAt
    if (age > maxAge) return 'too_old'
    return age < -clockTolerance ? 'issued_in_future' : undefined
  }

  return async (presentation) => {
    const judged = await judge(presentation)
    if (typeof judged === 'string') {
      return { ok: false, reason: judged, nextNonce: await nonces?.issue() }
    }
    const { proof, thumbprint, target, until, newest } = judged
    const { jti, htm, iat } = proof
    // The identifier of a proof is the client's: the key before it keeps clients apart.
    const key = await sha256Base64url(`${thumbprint}\n${htm}\n${target}\n${jti}`)
    const nextNonce = newest ? undefined : await nonces?.issue()
    return { ok: true, thumbprint, jti, issuedAt: iat * 1000, replay: { key, until }, nextNonce }
  }
}

interface ProofTime {
  readonly until: number
  readonly newest: boolean
}

interface Judged extends ProofTime {
  readonly proof: DpopProof
  readonly thumbprint: string
  readonly target: string
}

function isTarget(target: string, called: string | readonly string[]): boolean {
  if (typeof called === 'string') return dpopTarget(called) === target
  return called.some((url) => dpopTarget(url) === target)
}

/** Check 1: exactly one header, with one proof. A proof holds no comma: what does is several. */
function onlyProof(
  header: DpopPresentation['proof'],
):
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: 'no_proof' | 'several_proofs' } {
  const value = typeof header === 'string' ? header : (header ?? []).join(',')
  if (value === '') return { ok: false, reason: 'no_proof' }
  return value.includes(',') ? { ok: false, reason: 'several_proofs' } : { ok: true, value }
}
