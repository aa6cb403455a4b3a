import type { ClientAuthenticationContext } from '../client-authentication/client-authentication.ts'
import type { ClientCredentialsOptions } from './client-credentials-options.ts'
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

/** Another grant than client credentials, for `grant` of `createClient`: what `jwtBearerGrant(…)` gives. */
export interface ClientGrant extends Grant {
  /** The client's options with what this grant needs no more, such as client authentication. */
  complete(options: GrantOptions): ClientCredentialsOptions
  /** Names the grant's own credential and tells nothing of it: part of the key of a kept token. */
  fingerprint(): Promise<string>
}

/** Options of a client that may have no identifier of its own. */
export type GrantOptions = Omit<ClientCredentialsOptions, 'clientId'> & {
  readonly clientId?: string
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
