import { formatForm, tokenRequestParameters } from '@countersign/protocol'
import { AccessToken } from '../access-token.ts'
import {
  CLIENT_SECRET_METHODS,
  clientSecretBasic,
  clientSecretPost,
  type ClientSecretMethod,
} from '../client-authentication/client-secret.ts'
import { discover } from '../discovery/discover.ts'
import { CredentialError, PeerError } from '../errors/token-error.ts'
import { tell } from '../events.ts'
import { boundedAnswer } from '../http/bounded-answer.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import {
  clientCredentialsSettings,
  type ClientCredentialsOptions,
  type ClientCredentialsSettings,
} from './client-credentials-options.ts'
import { readTokenAnswer } from './token-answer.ts'

/**
 * A source that asks the token endpoint at each call: it knows the wire and keeps nothing.
 *
 * Put {@link reuse} around it to keep tokens; {@link createClient} does. With `issuer`, the metadata
 * is fetched at the first call and again when it is over an hour old.
 *
 * Throws when made: `ArgumentError`. Rejects when called: `TokenError`; see `ERROR_CATALOGUE`.
 * Source: RFC 6749 section 4.4; RFC 8414; RFC 8707 section 2.
 */
export function clientCredentials(options: ClientCredentialsOptions): TokenSource {
  return clientCredentialsSource(clientCredentialsSettings('clientCredentials', options))
}

/** {@link clientCredentials} for options that have been checked already. */
export function clientCredentialsSource(settings: ClientCredentialsSettings): TokenSource {
  const { now, onEvent } = settings
  const endpoint = endpointFinder(settings)
  const { scope, resource, audience, parameters } = settings
  const asked = { scope, resource, parameters, ...(audience !== undefined && { audience }) }

  return async ({ signal }: TokenRequest = {}) => {
    const { url, method } = await endpoint(signal)
    const authenticate = method === 'client_secret_basic' ? clientSecretBasic : clientSecretPost
    const authentication = await authenticate(settings)()
    const grant = tokenRequestParameters({ grantType: 'client_credentials', ...asked })
    const obtainedAt = now()
    const answer = await boundedAnswer(
      url,
      {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          ...authentication.headers,
        },
        body: formatForm([...grant, ...authentication.parameters]),
      },
      { fetch: settings.fetch, timeout: settings.timeout, phase: 'token', signal },
    )
    const response = readTokenAnswer(answer, {
      origin: url.origin,
      method,
      encodingMatters: authentication.encodingMatters,
      now: now(),
    })
    const lifetime =
      response.expiresIn === undefined ? settings.defaultLifetime : response.expiresIn * 1000
    const token = new AccessToken({
      value: response.accessToken,
      type: response.tokenType,
      obtainedAt,
      expiresAt: obtainedAt + lifetime,
      refreshAt:
        response.refreshIn === undefined ? undefined : obtainedAt + response.refreshIn * 1000,
      scope: response.scope ?? settings.scope,
    })
    tell(onEvent, {
      type: 'token.obtained',
      expiresAt: token.expiresAt,
      scope: token.scope,
      duration: now() - obtainedAt,
    })
    return token
  }
}

interface Endpoint {
  readonly url: URL
  readonly method: ClientSecretMethod
}

/** Metadata older than this is fetched again at the next token request, in milliseconds. */
const METADATA_LIFE = 3_600_000

/** Finds the token endpoint and remembers it. */
function endpointFinder(
  settings: ClientCredentialsSettings,
): (signal: AbortSignal | undefined) => Promise<Endpoint> {
  const { issuer, tokenEndpoint, authMethod, fetch, timeout, now } = settings
  if (tokenEndpoint !== undefined) {
    const fixed = Promise.resolve({
      url: tokenEndpoint,
      method: authMethod ?? 'client_secret_basic',
    })
    return () => fixed
  }
  if (issuer === undefined) throw new TypeError('settings without issuer and tokenEndpoint')
  let known: { readonly endpoint: Endpoint; readonly staleAt: number } | undefined

  return async (signal) => {
    if (known !== undefined && now() < known.staleAt) return known.endpoint
    try {
      const metadata = await discover(issuer, { fetch, timeout, signal, now })
      if (metadata.tokenEndpoint === undefined) throw withoutTokenEndpoint(issuer)
      const method = authMethod ?? methodFrom(metadata.tokenEndpointAuthMethods)
      const endpoint = { url: new URL(metadata.tokenEndpoint), method }
      known = { endpoint, staleAt: now() + METADATA_LIFE }
      return endpoint
    } catch (error) {
      // An endpoint known from before is better than none while the metadata cannot be had.
      if (known === undefined || signal?.aborted === true) throw error
      return known.endpoint
    }
  }
}

function methodFrom(offered: readonly string[]): ClientSecretMethod {
  const method = CLIENT_SECRET_METHODS.find((one) => offered.includes(one))
  if (method !== undefined) return method
  // A server that lists no way to authenticate has not been told about its confidential clients.
  if (offered.every((one) => one === 'none')) return 'client_secret_basic'
  throw new CredentialError(
    'ERR_AUTH_METHOD',
    `the server takes no client secret, only ${offered.join(', ').slice(0, 200)}`,
    { phase: 'credential', hint: 'Set authMethod if its metadata is wrong' },
  )
}

function withoutTokenEndpoint(issuer: string): PeerError {
  return new PeerError(
    'ERR_METADATA_INVALID',
    `the metadata of ${issuer} names no token_endpoint`,
    {
      phase: 'discovery',
      hint: 'Give tokenEndpoint by hand',
    },
  )
}
