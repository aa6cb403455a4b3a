import { formatForm, tokenRequestParameters, type TokenResponse } from '@countersign/protocol'
import { AccessToken } from '../access-token.ts'
import type {
  AuthenticatedRequest,
  ClientAuthenticationContext,
} from '../client-authentication/client-authentication.ts'
import { CredentialError, RefusalError } from '../errors/token-error.ts'
import { tell } from '../events.ts'
import { boundedAnswer, type BoundedAnswer } from '../http/bounded-answer.ts'
import { serverClock } from '../http/server-clock.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import {
  clientCredentialsSettings,
  type ClientCredentialsOptions,
  type ClientCredentialsSettings,
} from './client-credentials-options.ts'
import { errorOf, readTokenAnswer } from './token-answer.ts'
import { tokenEndpointFinder, type TokenEndpoint } from './token-endpoint.ts'
import { askedToken, type AskedToken } from './token-variation.ts'

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

/** {@link clientCredentials} for options that have been checked already. */
export function clientCredentialsSource(settings: ClientCredentialsSettings): TokenSource {
  const { now, onEvent, senderConstraint, quirks } = settings
  const findEndpoint = tokenEndpointFinder(settings)
  const clock = serverClock(now)

  /** One request with one proof, and a second one where the first taught what was missing. */
  async function send(
    endpoint: TokenEndpoint,
    asked: AskedToken,
    attempt: Attempt,
  ): Promise<BoundedAnswer> {
    const { url } = endpoint
    const answer = await post(settings, endpoint, asked, attempt)
    clock.learn(answer.headers.get('date'))
    if (senderConstraint === undefined) return answer
    const again = senderConstraint.learn({
      role: 'authorization_server',
      url,
      status: answer.status,
      headers: answer.headers,
      error: answer.status < 400 ? undefined : errorOf(answer),
    })
    if (!again) return answer
    const proof = await attempt.prove()
    return post(settings, endpoint, asked, { ...attempt, proof: proof ?? attempt.proof })
  }

  return async (request: TokenRequest = {}) => {
    const { signal } = request
    const asked = askedToken('getToken', request, settings.asked)
    const endpoint = await findEndpoint(signal)
    const { url, authentication } = endpoint
    const context: ClientAuthenticationContext = {
      clientId: settings.clientId,
      issuer: settings.issuer,
      tokenEndpoint: url,
      now: clock.now,
      signal,
    }
    const refused: AuthenticatedRequest[] = []
    const prove = () => authentication.authenticate(context, refused)
    let refusal: unknown
    for (;;) {
      const proof = await prove()
      if (proof === undefined) throw refusal ?? noProof(authentication.method)
      const obtainedAt = now()
      const answer = await send(endpoint, asked, { proof, prove, signal })
      try {
        const response = readTokenAnswer(answer, {
          origin: url.origin,
          method: authentication.method,
          encodingMatters: proof.encodingMatters ?? false,
          tokenType: senderConstraint?.tokenType ?? 'Bearer',
          quirks,
          now: now(),
        })
        const token = tokenOf(response, { settings, asked, obtainedAt })
        tell(onEvent, {
          type: 'token.obtained',
          expiresAt: token.expiresAt,
          scope: token.scope,
          duration: now() - obtainedAt,
        })
        return token
      } catch (error) {
        if (!isCredentialRefused(error)) throw error
        refusal ??= error
        refused.push(proof)
      }
    }
  }
}

interface Attempt {
  readonly proof: AuthenticatedRequest
  /** Makes another proof of the same credential. */
  readonly prove: () => Promise<AuthenticatedRequest | undefined>
  readonly signal: AbortSignal | undefined
}

async function post(
  settings: ClientCredentialsSettings,
  { url, authentication }: TokenEndpoint,
  asked: AskedToken,
  { proof, signal }: Attempt,
): Promise<BoundedAnswer> {
  const { quirks, senderConstraint } = settings
  const { grantType = 'client_credentials', scopeSeparator, requestFormat = 'form' } = quirks
  const { scope, resource, audience, authorizationDetails } = asked
  const grant = tokenRequestParameters({
    grantType,
    scope: scopeSeparator === ',' && scope.length > 0 ? [scope.join(',')] : scope,
    resource,
    parameters: {
      ...(authorizationDetails && { authorization_details: JSON.stringify(authorizationDetails) }),
      ...asked.parameters,
    },
    ...(audience !== undefined && { audience }),
  })
  const parameters = [...grant, ...proof.parameters]
  const constraint = await senderConstraint?.headers({
    role: 'authorization_server',
    method: 'POST',
    url,
  })
  return boundedAnswer(
    url,
    {
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': MEDIA_TYPES[requestFormat],
        ...proof.headers,
        ...constraint,
      },
      body:
        requestFormat === 'json'
          ? JSON.stringify(Object.fromEntries(parameters))
          : formatForm(parameters),
    },
    {
      fetch: authentication.fetch ?? senderConstraint?.fetch ?? settings.fetch,
      timeout: settings.timeout,
      phase: 'token',
      signal,
    },
  )
}

const MEDIA_TYPES = {
  form: 'application/x-www-form-urlencoded',
  json: 'application/json',
} as const

function tokenOf(
  response: TokenResponse,
  {
    settings,
    asked,
    obtainedAt,
  }: {
    readonly settings: ClientCredentialsSettings
    readonly asked: AskedToken
    readonly obtainedAt: number
  },
): AccessToken {
  const { expiresIn, refreshIn } = response
  const lifetime = expiresIn === undefined ? settings.defaultLifetime : expiresIn * 1000
  return new AccessToken({
    value: response.accessToken,
    type: response.tokenType,
    obtainedAt,
    expiresAt: obtainedAt + lifetime,
    refreshAt: refreshIn === undefined ? undefined : obtainedAt + refreshIn * 1000,
    scope: response.scope ?? asked.scope,
    senderConstraint: settings.senderConstraint,
    presentation: settings.quirks.presentation,
  })
}

function isCredentialRefused(error: unknown): boolean {
  return error instanceof RefusalError && error.oauth?.error === 'invalid_client'
}

function noProof(method: string): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', `${method} has no credential to offer`, {
    phase: 'credential',
  })
}
