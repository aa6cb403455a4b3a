import {
  ArgumentError,
  assertKnownOptions,
  isScopeToken,
  nearestName,
  optionalFunction,
  optionalNumber,
  optionalString,
  parseIssuer,
  parseResource,
  parseScope,
  parseSecureUrl,
  requiredString,
  TOKEN_REQUEST_PARAMETERS,
  type BasicEncoding,
  type Issuer,
} from '@countersign/protocol'
import {
  CLIENT_SECRET_METHODS,
  type ClientSecretMethod,
} from '../client-authentication/client-secret.ts'
import type { ClientEventListener } from '../events.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import type { SecretSource } from '../secrets/secret-source.ts'

/** How to ask a token endpoint for a token of this client's own. */
export interface ClientCredentialsOptions {
  /** The authorization server's issuer identifier: its metadata says where to ask, and how. */
  readonly issuer?: string
  /** Where to ask, for servers without metadata. With it, nothing is discovered. */
  readonly tokenEndpoint?: string
  readonly clientId: string
  /** The secret itself, or where it is: `fromEnv('CLIENT_SECRET')`, `fromFile(path)`, any function. */
  readonly clientSecret: string | SecretSource
  /** Default: what the metadata offers, Basic before post; Basic where there is no metadata. */
  readonly authMethod?: ClientSecretMethod
  /** How Basic writes the credentials. Default `form`, as RFC 6749 says; `raw` for servers that do not decode. */
  readonly basicEncoding?: BasicEncoding
  /** The least the job needs. A list, or one string with blanks between. Default: none is asked for. */
  readonly scope?: string | readonly string[]
  /** The API the token is for, as an absolute URI; several where the server takes several (RFC 8707). */
  readonly resource?: string | readonly string[]
  /** The older habit of some servers in place of `resource`. */
  readonly audience?: string
  /** Further form parameters that the server wants. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Default: the platform's. */
  readonly fetch?: FetchFunction
  /** Milliseconds for one exchange with the server, first byte to last. Default 10 000. */
  readonly timeout?: number
  /** Milliseconds a token lives where the server does not say. Default 3 600 000: one hour. */
  readonly defaultLifetime?: number
  readonly onEvent?: ClientEventListener
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** {@link ClientCredentialsOptions}, checked and with every default in place. */
export interface ClientCredentialsSettings {
  readonly issuer: Issuer | undefined
  readonly tokenEndpoint: URL | undefined
  readonly clientId: string
  readonly clientSecret: SecretSource
  readonly authMethod: ClientSecretMethod | undefined
  readonly basicEncoding: BasicEncoding
  readonly scope: readonly string[]
  readonly resource: readonly string[]
  readonly audience: string | undefined
  readonly parameters: Readonly<Record<string, string>>
  readonly fetch: FetchFunction
  readonly timeout: number
  readonly defaultLifetime: number
  readonly onEvent: ClientEventListener | undefined
  readonly now: () => number
}

/** The names of {@link ClientCredentialsOptions}. */
export const CLIENT_CREDENTIALS_OPTIONS: readonly (keyof ClientCredentialsOptions)[] = [
  'issuer',
  'tokenEndpoint',
  'clientId',
  'clientSecret',
  'authMethod',
  'basicEncoding',
  'scope',
  'resource',
  'audience',
  'parameters',
  'fetch',
  'timeout',
  'defaultLifetime',
  'onEvent',
  'now',
]

/** Checks options before anything is sent. Throws `ArgumentError`, naming the option. */
export function clientCredentialsSettings(
  caller: string,
  options: ClientCredentialsOptions,
): ClientCredentialsSettings {
  assertKnownOptions(caller, options, CLIENT_CREDENTIALS_OPTIONS)
  const given: ClientCredentialsOptions = options
  const issuer = given.issuer === undefined ? undefined : issuerOf(caller, given.issuer)
  const tokenEndpoint =
    given.tokenEndpoint === undefined ? undefined : endpointOf(caller, given.tokenEndpoint)
  if (issuer === undefined && tokenEndpoint === undefined) {
    const message = `${caller}: give 'issuer', or 'tokenEndpoint' where there is no discovery`
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'issuer', message)
  }
  const basicEncoding = oneOf(caller, 'basicEncoding', given.basicEncoding, [
    'form',
    'raw',
  ] as const)
  const clientId = requiredString(caller, 'clientId', given.clientId)
  if (basicEncoding === 'raw' && clientId.includes(':')) {
    throw wrong(caller, 'clientId', "with a colon cannot be sent with basicEncoding 'raw'")
  }
  return {
    issuer,
    tokenEndpoint,
    clientId,
    clientSecret: secretOf(caller, given.clientSecret),
    authMethod: oneOf(caller, 'authMethod', given.authMethod, CLIENT_SECRET_METHODS),
    basicEncoding: basicEncoding ?? 'form',
    scope: scopeOf(caller, given.scope),
    resource: resourceOf(caller, given.resource),
    audience: optionalString(caller, 'audience', given.audience),
    parameters: parametersOf(caller, given.parameters),
    fetch: optionalFunction(caller, 'fetch', given.fetch, platformFetch),
    timeout: optionalNumber(caller, 'timeout', given.timeout, {
      fallback: 10_000,
      min: 1,
      max: 600_000,
    }),
    defaultLifetime: optionalNumber(caller, 'defaultLifetime', given.defaultLifetime, {
      fallback: 3_600_000,
      min: 1000,
      max: 31_536_000_000,
    }),
    onEvent: optionalFunction(caller, 'onEvent', given.onEvent, undefined),
    now: optionalFunction(caller, 'now', given.now, Date.now),
  }
}

function wrong(caller: string, option: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${caller}: '${option}' ${message}`)
}

function issuerOf(caller: string, value: unknown): Issuer {
  const issuer = parseIssuer(value)
  if (!issuer.ok) throw wrong(caller, 'issuer', issuer.reason)
  return issuer.value
}

function endpointOf(caller: string, value: unknown): URL {
  const endpoint = parseSecureUrl('tokenEndpoint', value)
  if (!endpoint.ok) throw wrong(caller, 'tokenEndpoint', endpoint.reason)
  if (endpoint.value.hash !== '') throw wrong(caller, 'tokenEndpoint', 'must have no fragment')
  return endpoint.value
}

function secretOf(caller: string, value: unknown): SecretSource {
  if (typeof value === 'function') return value as SecretSource
  if (value === undefined) {
    throw new ArgumentError(
      'ERR_ARGUMENT_MISSING',
      'clientSecret',
      `${caller}: 'clientSecret' is required; read it with fromEnv('CLIENT_SECRET') or fromFile(path)`,
    )
  }
  const secret = requiredString(caller, 'clientSecret', value)
  return () => secret
}

function oneOf<T extends string>(
  caller: string,
  option: string,
  value: unknown,
  known: readonly T[],
): T | undefined {
  if (value === undefined || known.includes(value as T)) return value as T | undefined
  const nearest = typeof value === 'string' ? nearestName(value, known) : undefined
  const cure = nearest === undefined ? `one of ${known.join(', ')}` : `'${nearest}'`
  throw wrong(caller, option, `must be ${cure}`)
}

function scopeOf(caller: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) {
    const at = value.findIndex((scope) => !isScopeToken(scope))
    if (at !== -1) throw wrong(caller, `scope[${at}]`, 'must be one scope, without blanks')
    return [...new Set(value as string[])]
  }
  const scope = parseScope(value)
  if (!scope.ok) throw wrong(caller, 'scope', scope.reason)
  return scope.value
}

function resourceOf(caller: string, value: unknown): readonly string[] {
  if (value === undefined) return []
  const resources: readonly unknown[] = Array.isArray(value) ? value : [value]
  return resources.map((one) => {
    const resource = parseResource(one)
    if (!resource.ok) throw wrong(caller, 'resource', resource.reason)
    return resource.value
  })
}

function parametersOf(caller: string, value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ArgumentError(
      'ERR_ARGUMENT_TYPE',
      'parameters',
      `${caller}: 'parameters' must be an object`,
    )
  }
  for (const [name, text] of Object.entries(value)) {
    if (TOKEN_REQUEST_PARAMETERS.includes(name)) {
      throw wrong(caller, 'parameters', `must not hold '${name}': it has an option of its own`)
    }
    if (typeof text !== 'string') throw wrong(caller, `parameters.${name}`, 'must be a string')
  }
  return { ...(value as Record<string, string>) }
}
