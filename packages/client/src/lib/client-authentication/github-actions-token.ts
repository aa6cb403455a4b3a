import {
  assertKnownOptions,
  isSecureUrl,
  optionalFunction,
  optionalNumber,
  parseJsonObject,
  requiredString,
} from '@countersign/protocol'
import { CredentialError, PeerError } from '../errors/token-error.ts'
import { boundedAnswer } from '../http/bounded-answer.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import type { SecretSource } from '../secrets/secret-source.ts'

/** For whom the workflow's token is to be. */
export interface GithubActionsTokenOptions {
  /** What the authorization server expects as `aud`: its issuer identifier, most likely. */
  readonly audience: string
  /** Default: the platform's. */
  readonly fetch?: FetchFunction
  /** Milliseconds for the request. Default 10 000. */
  readonly timeout?: number
}

/**
 * The OpenID Connect token of the GitHub Actions job that this runs in, asked for at each exchange.
 *
 * The job needs `permissions: id-token: write`; GitHub then sets the two variables that are read.
 *
 * Throws when made: `ArgumentError`. Rejects when used: `ERR_CREDENTIAL`, `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_RESPONSE_STATUS` and those of a bounded answer.
 *
 * @example
 * clientAuthentication: federatedAssertion(githubActionsToken({ audience: 'https://auth.example.com' }))
 */
export function githubActionsToken(options: GithubActionsTokenOptions): SecretSource {
  assertKnownOptions('githubActionsToken', options, ['audience', 'fetch', 'timeout'])
  const given: GithubActionsTokenOptions = options
  const audience = requiredString('githubActionsToken', 'audience', given.audience)
  const fetch = optionalFunction('githubActionsToken', 'fetch', given.fetch, platformFetch)
  const timeout = optionalNumber('githubActionsToken', 'timeout', given.timeout, {
    fallback: 10_000,
    min: 1,
    max: 600_000,
  })
  return async () => {
    const url = URL.parse(variable('ACTIONS_ID_TOKEN_REQUEST_URL'))
    if (url === null || !isSecureUrl(url))
      throw outside('ACTIONS_ID_TOKEN_REQUEST_URL is no https URL')
    url.searchParams.set('audience', audience)
    const authorization = `Bearer ${variable('ACTIONS_ID_TOKEN_REQUEST_TOKEN')}`
    const answer = await boundedAnswer(
      url,
      { headers: { authorization, accept: 'application/json' } },
      { fetch, timeout, phase: 'credential' },
    )
    if (answer.status !== 200) {
      throw new PeerError('ERR_RESPONSE_STATUS', `${url.origin} answered ${answer.status}`, {
        phase: 'credential',
        status: answer.status,
        retryable: answer.status >= 500 || answer.status === 429,
      })
    }
    const json = parseJsonObject(answer.text)
    const token = json.ok ? json.value['value'] : undefined
    if (typeof token === 'string' && token !== '') return token
    throw new PeerError('ERR_RESPONSE_BODY', `${url.origin} answered without a token`, {
      phase: 'credential',
      status: answer.status,
    })
  }
}

function variable(name: string): string {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } }
  const value = process?.env?.[name]
  if (value !== undefined && value !== '') return value
  throw outside(`environment variable ${name} is not set`)
}

function outside(message: string): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', message, {
    phase: 'credential',
    hint: "Run it in a GitHub Actions job with 'permissions: id-token: write'",
  })
}
