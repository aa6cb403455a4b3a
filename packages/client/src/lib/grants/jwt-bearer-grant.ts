import { ArgumentError } from '@countersign/protocol'
import type {
  AuthenticatedRequest,
  ClientAuthentication,
} from '../client-authentication/client-authentication.ts'
import { credentialFingerprint } from '../client-authentication/credential-fingerprint.ts'
import { credentialFailure } from '../errors/credential-failure.ts'
import { isTokenError } from '../errors/token-error.ts'
import type { ClientCredentialsOptions } from './client-credentials-options.ts'
import type { ClientGrant, GrantContext, GrantOptions } from './grant.ts'

/** Gives the assertion for one request; `refused` holds those this exchange was refused with. */
export interface GrantAssertion {
  (
    context: GrantContext,
    refused: readonly string[],
  ): string | undefined | Promise<string | undefined>
  /**
   * Names whom the assertions speak for, and tells nothing of the key: part of the key of a kept
   * token. Without it no process shares its tokens with another.
   */
  fingerprint?(): Promise<string>
}

/**
 * The JWT bearer grant for `createClient`: an assertion stands for the grant, and for the client as
 * well where that does not authenticate. For most servers of this grant it says it all, and `clientId`
 * may be left out.
 *
 * Where an assertion is answered with `invalid_grant`, it is asked for once more, and sent if it is
 * another one. Throws: `ArgumentError`. Source: RFC 7523 sections 2.1 and 3.
 *
 * @example
 * const auth = createClient({
 *   tokenEndpoint: 'https://login.example.com/token',
 *   grant: jwtBearerGrant(signedAssertion({ key, iss: 'job-17' })),
 *   scope: 'orders:read',
 * })
 */
export function jwtBearerGrant(assertion: GrantAssertion): ClientGrant {
  return assertionGrant('jwtBearerGrant', assertion)
}

/** {@link jwtBearerGrant} under the name of `caller`. */
export function assertionGrant(caller: string, assertion: GrantAssertion): ClientGrant {
  if (typeof assertion !== 'function') {
    const code = assertion === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE'
    const message = `${caller}: 'assertion' must be a function, such as signedAssertion(…) gives`
    throw new ArgumentError(code, 'assertion', message)
  }
  const unnamed = `assertion:${crypto.randomUUID()}`
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
    complete,
    fingerprint: async () => (await assertion.fingerprint?.()) ?? unnamed,
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
    throw credentialFailure('the source of assertion failed', 'Run it by itself to see why')
  }
  if (text === undefined) return undefined
  if (typeof text === 'string' && /^[\x21-\x7e]+$/.test(text)) return text
  const hint = 'It must give a JWT in compact form'
  throw credentialFailure('the source of assertion gave no assertion', hint)
}

/** The options of a client that authenticates only where it is told how. */
function complete(options: GrantOptions): ClientCredentialsOptions {
  const { clientId, clientSecret, clientAuthentication } = options
  if (clientSecret !== undefined || clientAuthentication !== undefined) {
    return options as ClientCredentialsOptions
  }
  return {
    ...options,
    // Required of clients that authenticate. It stays here: what is sent is the next line's affair.
    clientId: clientId ?? 'unnamed',
    clientAuthentication: unauthenticated(clientId),
  }
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
