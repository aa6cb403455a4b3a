import { assertKnownOptions, optionalFunction, requiredString } from '@countersign/protocol'
import type { AccessToken } from '../access-token.ts'
import { assertSource } from '../assert-source.ts'
import { attachableToken } from '../attach/attachable-token.ts'
import type { DeclaredThumbprint } from '../sender-constraint/declared-thumbprint.ts'
import type { TokenSource } from '../token-source.ts'
import { optionalThumbprint } from './attach-options.ts'

/**
 * A password for drivers that ask for one at each connection, such as `pg`: the token.
 *
 * A connection that is open keeps the password it was opened with; what the server does when that
 * token ends is its own affair. Rejects as the source does, and with `ERR_NO_TOKEN`.
 *
 * @example
 * const pool = new Pool({ host, user: 'billing', password: passwordFrom(auth.source), ssl: true })
 */
export function passwordFrom(
  source: TokenSource,
  options: DriverTokenOptions = {},
): () => Promise<string> {
  const getToken = driverToken('passwordFrom', source, options, [])
  return async () => (await getToken()).value
}

/** What every one of these takes. */
export interface DriverTokenOptions {
  /**
   * The thumbprint of the certificate that the driver's connections present, as
   * `certificateThumbprint` gives it; a function where that is replaced. Tokens bound to a
   * certificate are refused without it. Those bound to a key always are: drivers have no DPoP.
   */
  readonly certificateThumbprint?: DeclaredThumbprint
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** What {@link oauthBearer} adds to the token. */
export interface OAuthBearerOptions extends DriverTokenOptions {
  /** SASL extensions that the broker asks for, such as `logicalCluster`. Source: RFC 7628 section 3.1. */
  readonly extensions?: Readonly<Record<string, string>>
}

/** A token as Kafka clients want it for SASL OAUTHBEARER. */
export interface OAuthBearerToken {
  readonly value: string
  readonly extensions?: Readonly<Record<string, string>>
}

/**
 * The `oauthBearerProvider` of kafkajs and its kin: called at each connection and reauthentication.
 *
 * @example
 * const kafka = new Kafka({
 *   brokers,
 *   ssl: true,
 *   sasl: { mechanism: 'oauthbearer', oauthBearerProvider: oauthBearer(auth.source) },
 * })
 */
export function oauthBearer(
  source: TokenSource,
  options: OAuthBearerOptions = {},
): () => Promise<OAuthBearerToken> {
  const getToken = driverToken('oauthBearer', source, options, ['extensions'])
  const { extensions } = options
  return async () => {
    const { value } = await getToken()
    return extensions === undefined ? { value } : { value, extensions }
  }
}

/** What {@link credentialsFrom} takes. */
export interface DriverCredentialsOptions extends DriverTokenOptions {
  /** The name that goes with the token, as the server knows it. */
  readonly username: string
}

/** A name and a password with its end, as message brokers and caches want them. */
export interface DriverCredentials {
  readonly username: string
  /** The token: a secret. */
  readonly password: string
  /** Epoch milliseconds; `undefined` where the token does not end by itself. */
  readonly expiresAt: number | undefined
}

/**
 * Credentials for drivers that ask for a name, a password and when to ask again.
 *
 * @example
 * const provider = credentialsFrom(auth.source, { username: 'billing' })
 * const { username, password, expiresAt } = await provider()
 */
export function credentialsFrom(
  source: TokenSource,
  options: DriverCredentialsOptions,
): () => Promise<DriverCredentials> {
  const getToken = driverToken('credentialsFrom', source, options, ['username'])
  const username = requiredString('credentialsFrom', 'username', options.username)
  return async () => {
    const { value: password, expiresAt } = await getToken()
    return { username, password, expiresAt }
  }
}

function driverToken(
  caller: string,
  source: TokenSource,
  options: DriverTokenOptions,
  names: readonly string[],
): () => Promise<AccessToken> {
  assertSource(caller, source)
  assertKnownOptions(caller, options, [...names, 'certificateThumbprint', 'now'])
  const given: DriverTokenOptions = options
  const carrier = {
    now: optionalFunction(caller, 'now', given.now, Date.now),
    thumbprint: optionalThumbprint(caller, given.certificateThumbprint),
    unproven: 'a password or a SASL message has no place for a DPoP proof',
  }
  return async () => attachableToken(await source(), carrier)
}
