import type { ClientAuthenticationContext } from '../client-authentication/client-authentication.ts'
import type { AskedToken } from './token-variation.ts'

/** What a grant may need to know of the request it is made for. */
export interface GrantContext extends ClientAuthenticationContext {
  readonly asked: AskedToken
}

/** One grant type, as far as its token request differs from those of others. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly type: string
  readonly credential?: GrantCredential
}

/** A proof that belongs to the grant itself, beside the client's authentication. */
export interface GrantCredential {
  /** The parameter that carries it. */
  readonly parameter: string
  /**
   * The proof for one request, made afresh for each. `refused` holds those of this exchange that
   * were answered with `invalid_grant`; gives `undefined` when there is no other to try.
   */
  prove(context: GrantContext, refused: readonly string[]): Promise<string | undefined>
}
