import { isJsonObject, type JsonObject, type TokenType } from '@countersign/protocol'
import type { GuardRequest } from '../guard/guard-request.ts'
import type { TokenProfile } from '../profile/token-profile.ts'
import type { VerifiedAccessToken } from '../token/token-verifier.ts'
import type { DenialReason } from '../verdict/denial-reasons.ts'
import type { DpopSettings } from './dpop-options.ts'
import type { ProofToUse } from './proof-replay.ts'
import type { CertificateReader } from './request-certificate.ts'

/** What a guard can check of a token's binding. */
export interface BindingPolicy {
  readonly binding: 'optional' | 'required'
  readonly dpop: DpopSettings | undefined
  readonly certificates: CertificateReader | undefined
}

/** A token and the scheme it came with. */
export interface PresentedToken {
  readonly type: TokenType
  readonly token: string
}

/** Whether the sender may use the token. */
export type BindingOutcome = {
  /** A nonce for the client's next proof. */
  readonly nonce?: string | undefined
} & (
  | {
      readonly ok: true
      /** The proof to be used up once everything else is good. */
      readonly replay?: ProofToUse
    }
  | { readonly ok: false; readonly reason: DenialReason }
)

/**
 * Checks that whoever sent a token has what the token is bound to (`cnf`): the key of its DPoP proof,
 * its certificate, or both.
 *
 * Any `cnf` at all, `null` too, must be one that can be checked whole: a bound token never passes as a
 * bearer token; beside what can be checked only what the profile of the issuer names may stand. The scheme must fit: a token bound to a key comes with `DPoP`, any other with `Bearer`.
 * Source: RFC 9449 sections 7.1 and 7.2; RFC 8705 section 3; RFC 7800 section 3.1.
 */
export function checkBinding(
  { binding, dpop, certificates }: BindingPolicy,
  request: GuardRequest,
  { type, token }: PresentedToken,
  { claims, isBound, profile }: Pick<VerifiedAccessToken, 'claims' | 'isBound' | 'profile'>,
): BindingOutcome | Promise<BindingOutcome> {
  // Whatever the token is: somebody tries to be somebody.
  if (certificates?.isForeign(request) === true) return refused('certificate_untrusted_proxy')
  if (!isBound) {
    if (type === 'DPoP') return refused('dpop_not_bound')
    return binding === 'required' || profile.bound ? refused('binding_required') : BEARER
  }
  const { cnf } = claims.all
  if (!isJsonObject(cnf)) return refused('binding_unsupported')
  const { jkt, 'x5t#S256': thumbprint, ...others } = cnf
  const canCheckKey = jkt === undefined || (typeof jkt === 'string' && dpop !== undefined)
  const canCheckCertificate =
    thumbprint === undefined || (typeof thumbprint === 'string' && certificates !== undefined)
  const isEmpty = jkt === undefined && thumbprint === undefined
  if (isEmpty || !canCheckKey || !canCheckCertificate || !areMarks(others, profile)) {
    return refused('binding_unsupported')
  }
  if (type === 'DPoP' && jkt === undefined) return refused('dpop_not_bound')
  if (type === 'Bearer' && jkt !== undefined) return refused('dpop_required')
  return check()

  async function check(): Promise<BindingOutcome> {
    if (typeof thumbprint === 'string' && certificates !== undefined) {
      const reason = await certificateFault(certificates, request, thumbprint)
      if (reason !== undefined) return { ok: false, reason }
    }
    return typeof jkt === 'string' && dpop !== undefined
      ? checkProof(dpop, request, token, jkt)
      : BEARER
  }
}

const BEARER: BindingOutcome = Object.freeze({ ok: true })

function refused(reason: DenialReason): BindingOutcome {
  return { ok: false, reason }
}

async function checkProof(
  { verify, baseUrls }: DpopSettings,
  { method, url, headers }: GuardRequest,
  accessToken: string,
  boundTo: string,
): Promise<BindingOutcome> {
  const path = pathOf(url)
  const verdict = await verify({
    proof: headers.get('dpop'),
    method,
    url: baseUrls.map((baseUrl) => baseUrl + path),
    accessToken,
    boundTo,
  })
  const { nextNonce: nonce } = verdict
  if (!verdict.ok) return { ok: false, reason: `dpop_${verdict.reason}`, nonce }
  return { ok: true, replay: { ...verdict.replay, thumbprint: boundTo }, nonce }
}

/** The path of a request's target: of a whole URL too, whose host is the client's word. */
function pathOf(url: string): string {
  if (url.startsWith('/')) return url
  return URL.parse(url)?.pathname ?? '/'
}

async function certificateFault(
  certificates: CertificateReader,
  request: GuardRequest,
  thumbprint: string,
): Promise<DenialReason | undefined> {
  const reading = await certificates.read(request)
  if (reading.kind === 'none') return 'certificate_missing'
  if (reading.kind === 'refused') return `certificate_${reading.reason}`
  const shown = reading.kind === 'digest' ? reading.thumbprint : reading.certificate.thumbprint
  return isSame(shown, thumbprint) ? undefined : 'certificate_mismatch'
}

/** Members that the issuer is known to add, each with the value it is known to give. */
function areMarks(others: JsonObject, { confirmation }: TokenProfile): boolean {
  return Object.entries(others).every(
    ([name, value]) => Object.hasOwn(confirmation, name) && value === confirmation[name],
  )
}

/** Compares in a time that depends on the lengths alone. */
function isSame(known: string, given: string): boolean {
  if (given.length !== known.length) return false
  let difference = 0
  for (let i = 0; i < known.length; i++) difference |= given.charCodeAt(i) ^ known.charCodeAt(i)
  return difference === 0
}
