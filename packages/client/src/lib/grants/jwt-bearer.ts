import { ArgumentError, assertKnownOptions } from '@countersign/protocol'
import type {
  AuthenticatedRequest,
  ClientAuthentication,
} from '../client-authentication/client-authentication.ts'
import { credentialFingerprint } from '../client-authentication/credential-fingerprint.ts'
import { CredentialError, isTokenError } from '../errors/token-error.ts'
import type { TokenSource } from '../token-source.ts'
import {
  CLIENT_CREDENTIALS_OPTIONS,
  clientCredentialsSettings,
  type ClientCredentialsOptions,
  type ClientCredentialsSettings,
} from './client-credentials-options.ts'
import type { Grant, GrantContext } from './grant.ts'
import { grantSource } from './grant-source.ts'

/** Gives the assertion for one request; `refused` holds those this exchange was refused with. */
export type GrantAssertion = (
  context: GrantContext,
  refused: readonly string[],
) => string | undefined | Promise<string | undefined>

/** How to ask a token endpoint for a token in exchange for an assertion. */
export interface JwtBearerOptions extends Omit<ClientCredentialsOptions, 'clientId'> {
  /** What stands for the grant: `signedAssertion(…)`, or any function that gives a JWT. */
  readonly assertion: GrantAssertion
  /** Needed where the client authenticates as well; sent alone where it does not. */
  readonly clientId?: string
}

/**
 * A source that trades an assertion for a token at each call: the JWT bearer grant, as Google's
 * service accounts and Salesforce use it. It keeps nothing; put {@link reuse} around it.
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
  if (typeof assertion !== 'function') {
    const code = assertion === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE'
    const message = "jwtBearer: 'assertion' must be a function, such as signedAssertion(…) gives"
    throw new ArgumentError(code, 'assertion', message)
  }
  return grantSource(settingsOf(rest), jwtBearerGrant(assertion))
}

/** The grant type of RFC 7523, with the assertion in its place. */
function jwtBearerGrant(assertion: GrantAssertion): Grant {
  return {
    type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    credential: {
      parameter: 'assertion',
      async prove(context, refused) {
        if (refused.length >= MAX_ASSERTIONS) return undefined
        const text = await given(assertion, context, refused)
        return text !== undefined && refused.includes(text) ? undefined : text
      },
    },
  }
}

/** Most assertions of one exchange: a current and a next key, each once. */
const MAX_ASSERTIONS = 2

async function given(
  assertion: GrantAssertion,
  context: GrantContext,
  refused: readonly string[],
): Promise<string | undefined> {
  let text: unknown
  try {
    text = await assertion(context, refused)
  } catch (error) {
    // Foreign errors may quote the assertion.
    if (isTokenError(error)) throw error
    throw wrong('failed', 'Run it by itself to see why')
  }
  if (text === undefined) return undefined
  if (typeof text === 'string' && /^[\x21-\x7e]+$/.test(text)) return text
  throw wrong('gave no assertion', 'It must give a JWT in compact form')
}

function wrong(what: string, hint: string): CredentialError {
  const message = `the source of assertion ${what}`
  return new CredentialError('ERR_CREDENTIAL', message, { phase: 'credential', hint })
}

function settingsOf(options: Omit<JwtBearerOptions, 'assertion'>): ClientCredentialsSettings {
  const { clientId, ...rest } = options
  const authenticates = rest.clientSecret !== undefined || rest.clientAuthentication !== undefined
  if (authenticates) {
    return clientCredentialsSettings('jwtBearer', options as ClientCredentialsOptions)
  }
  return clientCredentialsSettings('jwtBearer', {
    ...rest,
    // Required of clients that authenticate. It stays here: what is sent is the next line's affair.
    clientId: clientId ?? 'unnamed',
    clientAuthentication: unauthenticated(clientId),
  })
}

function unauthenticated(clientId: string | undefined): ClientAuthentication {
  const request: AuthenticatedRequest = {
    headers: {},
    parameters: clientId === undefined ? [] : [['client_id', clientId]],
  }
  return {
    method: 'none',
    authenticate: async (_, refused) => (refused.length === 0 ? request : undefined),
    fingerprint: () => credentialFingerprint(['none', clientId ?? null]),
  }
}
