import {
  ArgumentError,
  assertKnownOptions,
  nearestName,
  optionalFunction,
  optionalNumber,
  parseIssuer,
  parseSecureUrl,
  requiredString,
  type BasicEncoding,
  type Issuer,
} from '@countersign/protocol'
import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import {
  CLIENT_SECRET_METHODS,
  type ClientSecretMethod,
} from '../client-authentication/client-secret.ts'
import type { ClientEventListener } from '../events.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import type { SecretSource } from '../secrets/secret-source.ts'
import type { SenderConstraint } from '../sender-constraint/sender-constraint.ts'
import { TOKEN_VARIATION, type TokenVariation } from '../token-source.ts'
import type { ClientGrant } from './grant.ts'
import type { TokenEndpointQuirks } from './token-endpoint-quirks.ts'
import { askedToken, type AskedToken } from './token-variation.ts'

/** How to ask a token endpoint for a token of this client's own. */
export interface ClientCredentialsOptions extends TokenVariation {
  /** The authorization server's issuer identifier: its metadata says where to ask, and how. */
  readonly issuer?: string
  /** Where to ask, for servers without metadata. With it, nothing is discovered. */
  readonly tokenEndpoint?: string
  readonly clientId: string
  /** The secret itself, or where it is: `fromEnv('CLIENT_SECRET')`, `fromFile(path)`, any function. */
  readonly clientSecret?: string | SecretSource
  /** Default: what the metadata offers, Basic before post; Basic where there is no metadata. */
  readonly authMethod?: ClientSecretMethod
  /** How Basic writes the credentials. Default `form`, as RFC 6749 says; `raw` for servers that do not decode. */
  readonly basicEncoding?: BasicEncoding
  /** Another proof than a secret, in its place: `privateKeyJwt(…)`, `tlsClientAuth(…)` and so on. */
  readonly clientAuthentication?: ClientAuthentication
  /** Binds tokens to a key of this client: `dpop(…)`, `certificateBound(…)`. Default: bearer tokens. */
  readonly senderConstraint?: SenderConstraint
  /** How this server departs from the standard; presets bring it. */
  readonly quirks?: TokenEndpointQuirks
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
  /** Either this or `clientAuthentication` is there. */
  readonly clientSecret: SecretSource | undefined
  readonly authMethod: ClientSecretMethod | undefined
  readonly basicEncoding: BasicEncoding
  readonly clientAuthentication: ClientAuthentication | undefined
  readonly senderConstraint: SenderConstraint | undefined
  readonly quirks: TokenEndpointQuirks
  readonly asked: AskedToken
  /** Where it is not client credentials. */
  readonly grant?: ClientGrant | undefined
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
  'clientAuthentication',
  'senderConstraint',
  'quirks',
  ...TOKEN_VARIATION,
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
  const { fallback, bounds } = LIFETIMES
  return {
    issuer,
    tokenEndpoint,
    clientId,
    ...credentialOf(caller, given),
    authMethod: oneOf(caller, 'authMethod', given.authMethod, CLIENT_SECRET_METHODS),
    basicEncoding: basicEncoding ?? 'form',
    senderConstraint: withMethod(caller, 'senderConstraint', given.senderConstraint, 'headers'),
    quirks: given.quirks ?? {},
    asked: askedToken(caller, given),
    fetch: optionalFunction(caller, 'fetch', given.fetch, platformFetch),
    timeout: optionalNumber(caller, 'timeout', given.timeout, TIMEOUTS),
    defaultLifetime: optionalNumber(caller, 'defaultLifetime', given.defaultLifetime, {
      fallback: given.quirks?.defaultLifetime ?? fallback,
      ...bounds,
    }),
    onEvent: optionalFunction(caller, 'onEvent', given.onEvent, undefined),
    now: optionalFunction(caller, 'now', given.now, Date.now),
  }
}

const TIMEOUTS = { fallback: 10_000, min: 1, max: 600_000 }
const LIFETIMES = { fallback: 3_600_000, bounds: { min: 1000, max: 31_536_000_000 } }

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

function credentialOf(
  caller: string,
  given: ClientCredentialsOptions,
): Pick<ClientCredentialsSettings, 'clientSecret' | 'clientAuthentication'> {
  const proof = withMethod(
    caller,
    'clientAuthentication',
    given.clientAuthentication,
    'authenticate',
  )
  if (proof === undefined) {
    return { clientSecret: secretOf(caller, given.clientSecret), clientAuthentication: undefined }
  }
  for (const other of ['clientSecret', 'authMethod', 'basicEncoding'] as const) {
    if (given[other] === undefined) continue
    throw wrong(caller, other, "cannot stand beside 'clientAuthentication': leave one of them out")
  }
  return { clientSecret: undefined, clientAuthentication: proof }
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

/** An option that is what one of our functions gives, told by a method that it has. */
export function withMethod<T extends object>(
  caller: string,
  option: string,
  value: T | undefined,
  method: keyof T & string,
): T | undefined {
  if (value === undefined || typeof (value as T | null)?.[method] === 'function') return value
  const message = `${caller}: '${option}' must be what its function gives, with a '${method}'`
  throw new ArgumentError('ERR_ARGUMENT_TYPE', option, message)
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
