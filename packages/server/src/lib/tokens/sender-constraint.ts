import { DPOP_FAULTS, type DpopFault, type DpopVerifier } from '@countersign/verify'
import type { AuthenticatedClient } from '../client-authentication/authenticate-client.ts'
import type { ClientCertificates } from '../client-authentication/client-certificates.ts'
import { isFirstUse, type FirstUses } from '../client-authentication/first-use.ts'
import type { GrantDecision } from '../grants/grant.ts'
import type { Received } from '../http/connection.ts'
import { ProtocolError } from '../protocol-error.ts'
import type { Confirmation } from './token-issuer.ts'

/** What binds a token to its sender. */
export interface Binding {
  readonly confirmation: Confirmation
  /** Headers of the answer. */
  readonly headers: Readonly<Record<string, string>>
  /**
   * Uses the proof up, when all else is good; `undefined` where it may be used again.
   *
   * Throws: `ProtocolError` where it was used before; `ServerError` where nobody can say.
   */
  readonly useUp: (() => Promise<void>) | undefined
}

/**
 * What binds a token to the one who asked for it; `undefined` for a bearer token.
 *
 * Throws: `ProtocolError` where a proof does not hold, or the resource wants one and there is none.
 */
export type SenderConstrainer = (
  received: Received,
  client: AuthenticatedClient,
  decision: GrantDecision,
  now: number,
) => Binding | undefined | Promise<Binding | undefined>

/** How tokens are bound. */
export interface SenderConstraints {
  readonly dpop: DpopVerifier
  /** The address of the token endpoint as the client of this request called it. */
  readonly urlOf: (received: Received) => string
  /** `undefined` where there are no client certificates. */
  readonly certificates: ClientCertificates | undefined
  readonly replay: FirstUses
  /** Whether every token must be bound, whatever its resource says. */
  readonly always: boolean
}

/**
 * Binds tokens to a DPoP key or to the client's certificate, as the resource wants it.
 *
 * A proof that is sent is checked, and binds the token, also where the resource would take a bearer
 * token: the client counts on it. A certificate binds only where the resource asks for that, since its
 * API must then see certificates. Where either will do, the proof goes before the certificate.
 * Source: RFC 9449 sections 5 and 8; RFC 8705 sections 3 and 4.
 */
export function senderConstrainer(constraints: SenderConstraints): SenderConstrainer {
  const { certificates, always } = constraints
  return (received, { registered }, { resource }) => {
    const { senderConstraint } = resource
    const wanted = senderConstraint === 'none' && always ? 'any' : senderConstraint
    const { clientId } = registered.client
    const proof = received.request.headers.get('dpop')
    if (proof !== null) {
      if (wanted === 'certificate') throw new ProtocolError('sender_constraint_missing', clientId)
      return byProof(constraints, received, proof, clientId)
    }
    if (wanted === 'none') return undefined
    if (wanted === 'dpop' || certificates === undefined) {
      throw new ProtocolError('sender_constraint_missing', clientId)
    }
    return byCertificate(certificates, received, clientId)
  }
}

async function byCertificate(
  certificates: ClientCertificates,
  received: Received,
  clientId: string,
): Promise<Binding> {
  const reading = await certificates(received)
  if (reading.kind !== 'presented') {
    throw new ProtocolError('sender_constraint_missing', clientId)
  }
  const confirmation = { 'x5t#S256': reading.certificate.thumbprint }
  return { confirmation, headers: {}, useUp: undefined }
}

async function byProof(
  { dpop, urlOf, replay }: SenderConstraints,
  received: Received,
  proof: string,
  clientId: string,
): Promise<Binding> {
  const { method } = received.request
  const verdict = await dpop({ proof, method, url: urlOf(received) })
  const headers: Record<string, string> =
    verdict.nextNonce === undefined ? {} : { 'dpop-nonce': verdict.nextNonce }
  if (!verdict.ok) {
    const { reason: fault } = verdict
    throw new ProtocolError(reasonOf(fault), clientId, { fault }, headers)
  }
  const { thumbprint, replay: use } = verdict
  return {
    confirmation: { jkt: thumbprint },
    headers,
    async useUp() {
      if (await isFirstUse(replay, ['dpop', use.key], use.until)) return
      throw new ProtocolError('dpop_proof_replayed', clientId, {}, headers)
    },
  }
}

function reasonOf(fault: DpopFault): 'dpop_nonce_needed' | 'dpop_proof_invalid' {
  return DPOP_FAULTS[fault].error === 'use_dpop_nonce' ? 'dpop_nonce_needed' : 'dpop_proof_invalid'
}
