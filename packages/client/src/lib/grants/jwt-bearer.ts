import { assertKnownOptions } from '@countersign/protocol'
import type { TokenSource } from '../token-source.ts'
import {
  CLIENT_CREDENTIALS_OPTIONS,
  clientCredentialsSettings,
  type ClientCredentialsOptions,
} from './client-credentials-options.ts'
import { grantSource } from './grant-source.ts'
import { assertionGrant, type GrantAssertion } from './jwt-bearer-grant.ts'

/** How to ask a token endpoint for a token in exchange for an assertion. */
export interface JwtBearerOptions extends Omit<ClientCredentialsOptions, 'clientId'> {
  /** What stands for the grant: `signedAssertion(…)`, or any function that gives a JWT. */
  readonly assertion: GrantAssertion
  /** Needed where the client authenticates as well; sent alone where it does not. */
  readonly clientId?: string
}

/**
 * A source that trades an assertion for a token at each call: the JWT bearer grant, as Google's
 * service accounts and Salesforce use it. It keeps nothing: put {@link reuse} around it, or give
 * {@link jwtBearerGrant} to `createClient`.
 *
 * The client authenticates only where `clientSecret` or `clientAuthentication` is given: for most
 * servers of this grant the assertion says it all. Where an assertion is answered with
 * `invalid_grant`, it is asked for once more, and sent if it is another one.
 *
 * Throws when made: `ArgumentError`. Rejects when called: as {@link clientCredentials} does.
 * Source: RFC 7523 sections 2.1 and 3.
 *
 * @example
 * const source = reuse(
 *   jwtBearer({
 *     tokenEndpoint: 'https://oauth2.googleapis.com/token',
 *     assertion: signedAssertion({ key, iss: 'job@project.iam.gserviceaccount.com', scopeClaim: true }),
 *     scope: 'https://www.googleapis.com/auth/cloud-platform',
 *   }),
 * )
 */
export function jwtBearer(options: JwtBearerOptions): TokenSource {
  assertKnownOptions('jwtBearer', options, ['assertion', ...CLIENT_CREDENTIALS_OPTIONS])
  const { assertion, ...rest }: JwtBearerOptions = options
  const grant = assertionGrant('jwtBearer', assertion)
  return grantSource(clientCredentialsSettings('jwtBearer', grant.complete(rest)), grant)
}
