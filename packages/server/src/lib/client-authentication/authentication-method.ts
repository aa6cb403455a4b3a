import type { Form } from '@countersign/protocol'
import type { Received } from '../http/connection.ts'
import type { CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'

/**
 * One way for a client to prove who it is: finds its own credentials in a request.
 *
 * Gives `undefined` where the request does not use this way. Throws: `ProtocolError` where it does
 * and the credentials cannot be read.
 */
export type AuthenticationMethod = (received: Received, form: Form) => PresentedProof | undefined

/** What a client presented: a claim to be someone, and the means to check it. */
export interface PresentedProof {
  /** The method's registered name, such as `client_secret_basic`. */
  readonly method: string
  readonly clientId: string
  /**
   * Checks the proof against a client. It is asked for unknown clients too, with `undefined`, and
   * then does the same work, so that the time taken tells nothing.
   */
  verify(client: RegisteredClient | undefined, now: number): ProofVerdict | Promise<ProofVerdict>
  /**
   * Uses the proof up, once everything else is verified; gives why not where it was used before. Left
   * out where a proof may be used again.
   */
  useUp?(): Promise<RefusalReason | undefined>
}

/** Whether a proof holds, and by which credential. */
export type ProofVerdict =
  | { readonly ok: true; readonly credential: CredentialRecord }
  | { readonly ok: false; readonly reason: RefusalReason }
