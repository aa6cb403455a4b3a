import type { TokenSource } from '../token-source.ts'
import {
  clientCredentialsSettings,
  type ClientCredentialsOptions,
  type ClientCredentialsSettings,
} from './client-credentials-options.ts'
import { grantSource } from './grant-source.ts'

/**
 * A source that asks the token endpoint at each call: it knows the wire and keeps nothing.
 *
 * Put {@link reuse} around it to keep tokens; {@link createClient} does. With `issuer`, the metadata
 * is fetched at the first call and again when it is over an hour old. A refused secret is read again
 * from its source, once, and other live secrets are tried in turn.
 *
 * Throws when made: `ArgumentError`. Rejects when called: `TokenError`; see `ERROR_CATALOGUE`.
 * Source: RFC 6749 section 4.4; RFC 8414; RFC 8707 section 2.
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  return clientCredentialsSource(clientCredentialsSettings('clientCredentials', options))
}

/** {@link clientCredentials}, or the grant in its place, for options that have been checked already. */
export function clientCredentialsSource(settings: ClientCredentialsSettings): TokenSource {
  return grantSource(settings, settings.grant ?? { type: 'client_credentials' })
}
