import { formatForm, tokenRequestParameters, type TokenResponse } from '@countersign/protocol'
import { AccessToken } from '../access-token.ts'
import type { AuthenticatedRequest } from '../client-authentication/client-authentication.ts'
import { CredentialError, RefusalError } from '../errors/token-error.ts'
import { tell } from '../events.ts'
import { boundedAnswer, type BoundedAnswer } from '../http/bounded-answer.ts'
import { serverClock } from '../http/server-clock.ts'
import type { TokenRequest, TokenSource } from '../token-source.ts'
import type { ClientCredentialsSettings } from './client-credentials-options.ts'
import type { Grant, GrantContext } from './grant.ts'
import { sentSecrets } from './sent-secrets.ts'
import { errorOf, readTokenAnswer } from './token-answer.ts'
import { tokenEndpointFinder, type TokenEndpoint } from './token-endpoint.ts'
import { askedToken, type AskedToken } from './token-variation.ts'

/**
 * A source that asks the token endpoint by one grant, at each call, and keeps nothing.
 *
 * A refused credential is read again from its source, once, and others that are live are tried in
 * turn. An assertion that was refused while the server's answer showed our clock to be wrong is made
 * again by the server's clock, once.
 */
export function grantSource(settings: ClientCredentialsSettings, grant: Grant): TokenSource {
  const { now, onEvent, senderConstraint, quirks } = settings
  const findEndpoint = tokenEndpointFinder(settings)
  const clock = serverClock(now)
  const skew = (): number => clock.now() - now()

  /** One request, and whether what its answer taught makes the same one worth another try. */
  async function once(
    endpoint: TokenEndpoint,
    attempt: Attempt,
  ): Promise<{ readonly answer: BoundedAnswer; readonly again: boolean }> {
    const { url } = endpoint
    const { signal } = attempt
    const request = { role: 'authorization_server', method: 'POST', url } as const
    const sent = await senderConstraint?.headers(
      signal === undefined ? request : { ...request, signal },
    )
    let answer: BoundedAnswer
    try {
      answer = await post(settings, endpoint, attempt, sent)
    } catch (error) {
      if (sent !== undefined) senderConstraint?.abandon?.(sent)
      throw error
    }
    const { status, headers } = answer
    clock.learn(headers.get('date'))
    quirks.readHeaders?.(headers)
    if (senderConstraint === undefined || sent === undefined) return { answer, again: false }
    const error = status < 400 ? undefined : errorOf(answer)
    const again = senderConstraint.learn({ role: request.role, url, status, headers, error, sent })
    return { answer, again }
  }

  /** One request with one proof, and a second one where the first taught what was missing. */
  async function send(endpoint: TokenEndpoint, attempt: Attempt): Promise<BoundedAnswer> {
    const { answer, again } = await once(endpoint, attempt)
    if (!again) return answer
    const { proof = attempt.proof, grantProof = attempt.grantProof } = await attempt.prove()
    return (await once(endpoint, { ...attempt, proof, grantProof })).answer
  }

  return async (request: TokenRequest = {}) => {
    const { signal } = request
    const asked = askedToken('getToken', request, settings.asked)
    const endpoint = await findEndpoint(signal)
    const { url, authentication } = endpoint
    const context: GrantContext = {
      clientId: settings.clientId,
      issuer: settings.issuer,
      tokenEndpoint: url,
      now: clock.now,
      signal,
      asked,
    }
    const refused: AuthenticatedRequest[] = []
    const refusedGrants: string[] = []
    const prove = async (): Promise<Proofs> => ({
      proof: await authentication.authenticate(context, refused),
      grantProof: await grant.credential?.prove(context, refusedGrants),
    })
    let refusal: unknown
    let clockSet = false
    for (;;) {
      const { proof, grantProof } = await prove()
      if (proof === undefined) throw refusal ?? noProof(authentication.method)
      if (grant.credential !== undefined && grantProof === undefined) {
        throw refusal ?? noProof(grant.type)
      }
      const obtainedAt = now()
      const before = skew()
      const answer = await send(endpoint, { grant, asked, proof, grantProof, prove, signal })
      try {
        const response = readTokenAnswer(answer, {
          origin: url.origin,
          method: authentication.method,
          encodingMatters: proof.encodingMatters ?? false,
          tokenType: senderConstraint?.tokenType ?? 'Bearer',
          quirks,
          secrets: () => sentSecrets(proof, grantProof),
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
        const fault = refusedCredential(error, grantProof)
        if (fault === undefined) throw error
        refusal ??= error
        const wasTimed = fault === 'grant' || isAssertion(proof)
        if (wasTimed && !clockSet && Math.abs(skew() - before) > CLOCK_MOVED) {
          clockSet = true
          continue
        }
        // Whoever gives another proof each time, without looking at what was refused, comes to an end.
        if (refused.length + refusedGrants.length + 1 >= MAX_PROOFS) throw refusal
        if (fault === 'client') refused.push(proof)
        else refusedGrants.push(grantProof ?? '')
      }
    }
  }
}

/** Most proofs that one exchange may be refused. */
const MAX_PROOFS = 8
/** Milliseconds by which a learned clock must differ for its times to be worth another try. */
const CLOCK_MOVED = 1000

interface Proofs {
  readonly proof: AuthenticatedRequest | undefined
  readonly grantProof: string | undefined
}

interface Attempt {
  readonly grant: Grant
  readonly asked: AskedToken
  readonly proof: AuthenticatedRequest
  readonly grantProof: string | undefined
  /** Makes other proofs of the same credentials. */
  readonly prove: () => Promise<Proofs>
  readonly signal: AbortSignal | undefined
}

async function post(
  settings: ClientCredentialsSettings,
  { url, authentication }: TokenEndpoint,
  { grant, asked, proof, grantProof, signal }: Attempt,
  constraint: Readonly<Record<string, string>> | undefined,
): Promise<BoundedAnswer> {
  const { quirks, senderConstraint } = settings
  const { grantType = grant.type, scopeSeparator, requestFormat = 'form' } = quirks
  const { scope, resource, audience, authorizationDetails } = asked
  const parameters = [
    ...tokenRequestParameters({
      grantType,
      scope: scopeSeparator === ',' && scope.length > 0 ? [scope.join(',')] : scope,
      resource,
      parameters: {
        ...(authorizationDetails && {
          authorization_details: JSON.stringify(authorizationDetails),
        }),
        ...asked.parameters,
        ...(grant.credential && { [grant.credential.parameter]: grantProof ?? '' }),
      },
      ...(audience !== undefined && { audience }),
    }),
    ...proof.parameters,
  ]
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
      body: requestFormat === 'json' ? formatJson(parameters) : formatForm(parameters),
    },
    {
      fetch: authentication.fetch ?? senderConstraint?.fetch ?? settings.fetch,
      timeout: settings.timeout,
      phase: 'token',
      signal,
    },
  )
}

/** A form as JSON: what repeats in a form (`resource`) is a list there. */
function formatJson(parameters: readonly (readonly [name: string, value: string])[]): string {
  const values = Map.groupBy(parameters, ([name]) => name)
  const members = Array.from(values, ([name, given]) => {
    const texts = given.map(([, text]) => text)
    return [name, texts.length === 1 ? texts[0] : texts] as const
  })
  return JSON.stringify(Object.fromEntries(members))
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

/** Whose credential a refusal is about; `undefined` where it is about something else. */
function refusedCredential(
  error: unknown,
  grantProof: string | undefined,
): 'client' | 'grant' | undefined {
  if (!(error instanceof RefusalError)) return undefined
  if (error.oauth?.error === 'invalid_client') return 'client'
  return error.oauth?.error === 'invalid_grant' && grantProof !== undefined ? 'grant' : undefined
}

function isAssertion({ parameters }: AuthenticatedRequest): boolean {
  return parameters.some(([name]) => name === 'client_assertion')
}

function noProof(method: string): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', `${method} has no credential to offer`, {
    phase: 'credential',
  })
}
