import type { Form } from '@countersign/protocol'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'

/**
 * One way for a client to prove who it is: finds its own credentials in a request.
 *
 * Gives `undefined` where the request does not use this way. Throws: `ProtocolError` where it does
 * and the credentials cannot be read.
 */
export type AuthenticationMethod = (request: Request, form: Form) => PresentedProof | undefined

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
}

/** Whether a proof holds, and by which credential. */
export type ProofVerdict =
  | { readonly ok: true; readonly credentialId: string }
  | { readonly ok: false; readonly reason: RefusalReason }
