import { ArgumentError, assertKnownOptions, parseIssuer } from '@countersign/protocol'
import { createClient, type Client, type ClientOptions } from '../create-client.ts'
import { CredentialError } from '../errors/token-error.ts'
import {
  apiUrlOf,
  resourceFinder,
  type DiscoveredResource,
  type DiscoverResourceOptions,
} from './discover-resource.ts'
import type { ResourceProbe } from './resource-challenge.ts'
import type { ResourceProfile } from './resource-profile.ts'

/** Who this client is at one authorization server. */
export type IssuerCredentials = Pick<ClientOptions, CredentialName>

type CredentialName =
  | 'clientId'
  | 'clientSecret'
  | 'authMethod'
  | 'basicEncoding'
  | 'clientAuthentication'
  | 'senderConstraint'
  | 'quirks'

/** Everything {@link createClientFor} takes. The rest is as {@link createClient} has it. */
export interface CreateClientForOptions extends Omit<
  ClientOptions,
  CredentialName | 'issuer' | 'tokenEndpoint' | 'resource' | 'origins'
> {
  /**
   * The credentials for each trusted issuer, by its identifier letter by letter; or a function that
   * gives them, and `undefined` for an issuer that is not trusted.
   */
  readonly credentials:
    | Readonly<Record<string, IssuerCredentials>>
    | ((issuer: string) => IssuerCredentials | undefined)
  /** Whether addresses of this machine and of local networks may be called. Default false. */
  readonly allowPrivateAddresses?: boolean
  /** How the API is called without a token. Default: a GET; give one that it refuses to strangers. */
  readonly probe?: ResourceProbe
  /** Ends the discovery. */
  readonly signal?: AbortSignal
}

const CREDENTIAL_NAMES: readonly CredentialName[] = [
  'clientId',
  'clientSecret',
  'authMethod',
  'basicEncoding',
  'clientAuthentication',
  'senderConstraint',
  'quirks',
]

const OPTIONS: readonly (keyof CreateClientForOptions)[] = [
  'credentials',
  'allowPrivateAddresses',
  'probe',
  'signal',
  'scope',
  'audience',
  'authorizationDetails',
  'parameters',
  'partition',
  'fetch',
  'timeout',
  'defaultLifetime',
  'onEvent',
  'now',
  'wrap',
  'share',
  'maxTokens',
]

/**
 * A client for an API of which nothing but the address is known: {@link discoverResource}, then
 * {@link createClient} for the issuer it names.
 *
 * Credentials belong to an issuer and go to no other. The client stays with the issuer found, asks
 * for tokens of this API only, and sends them to the API's origin only. Without `scope` it asks for
 * what the API's challenge asks for.
 *
 * Throws: `ArgumentError`, before any I/O. Rejects: as {@link discoverResource} does, and with
 * `ERR_PROOF` where the API takes DPoP-bound tokens only and the credentials bind none.
 * Source: RFC 9728; RFC 8707 section 2.
 *
 * @example
 * const auth = await createClientFor('https://api.example.com', {
 *   credentials: {
 *     'https://auth.example.com': { clientId: 'billing', clientSecret: fromEnv('CLIENT_SECRET') },
 *   },
 * })
 * const response = await auth.fetch('https://api.example.com/invoices')
 */
export function createClientFor(apiUrl: string, options: CreateClientForOptions): Promise<Client> {
  return clientFinder('createClientFor', apiUrl, options)()
}

/** {@link createClientFor} in two steps: all that can be checked is, and nothing is sent yet. */
export function clientFinder(
  caller: string,
  apiUrl: string,
  options: CreateClientForOptions,
  profile?: ResourceProfile,
): () => Promise<Client> {
  assertKnownOptions(caller, options, OPTIONS)
  const { credentials, allowPrivateAddresses, probe, signal, ...rest } =
    options as unknown as CreateClientForOptions
  const { origin } = apiUrlOf(caller, apiUrl)
  const find = credentialsFinder(caller, credentials)

  function clientOf({ issuer, resource, scope, dpopRequired }: Bearings): Client {
    const found = find(issuer)
    if (found === undefined) {
      const message = `${caller}: 'credentials' gave none for an issuer it had some for`
      throw new ArgumentError('ERR_ARGUMENT_VALUE', 'credentials', message)
    }
    assertKnownOptions(caller, found, CREDENTIAL_NAMES)
    const own = found as unknown as IssuerCredentials
    if (dpopRequired && own.senderConstraint?.tokenType !== 'DPoP') throw unbound(origin)
    const scopes = rest.scope ?? scope
    return createClient({
      ...rest,
      ...own,
      ...(scopes !== undefined && { scope: scopes }),
      issuer,
      resource,
      origins: [origin],
    })
  }

  // Made and thrown away, so that a mistake in any of them shows before anything is sent.
  const listed = typeof credentials === 'function' ? [] : Object.keys(credentials)
  for (const issuer of listed) {
    clientOf({ issuer, resource: apiUrl, scope: undefined, dpopRequired: false })
  }

  const discovery: DiscoverResourceOptions = {
    issuers: (issuer) => find(issuer) !== undefined,
    ...(allowPrivateAddresses !== undefined && { allowPrivateAddresses }),
    ...(probe !== undefined && { probe }),
    ...(signal !== undefined && { signal }),
    ...(rest.fetch !== undefined && { fetch: rest.fetch }),
    ...(rest.timeout !== undefined && { timeout: rest.timeout }),
  }
  const discover = resourceFinder(caller, apiUrl, discovery, profile)
  return async () => clientOf(await discover())
}

type Bearings = Pick<DiscoveredResource, 'issuer' | 'resource' | 'scope' | 'dpopRequired'>

function unbound(origin: string): CredentialError {
  const hint = "Add senderConstraint: dpop() to the issuer's credentials"
  const message = `${origin} takes tokens bound by DPoP only, and the credentials have no key for it`
  return new CredentialError('ERR_PROOF', message, { phase: 'credential', hint })
}

function credentialsFinder(
  caller: string,
  credentials: unknown,
): (issuer: string) => object | undefined {
  if (typeof credentials === 'function') {
    return (issuer) => credentials(issuer) as object | undefined
  }
  if (typeof credentials !== 'object' || credentials === null || Array.isArray(credentials)) {
    const message = `${caller}: 'credentials' must be an object by issuer, or a function`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'credentials', message)
  }
  const byIssuer = new Map<string, object>(Object.entries(credentials))
  for (const text of byIssuer.keys()) {
    const issuer = parseIssuer(text)
    if (issuer.ok) continue
    const message = `${caller}: '${text}' in 'credentials' is no issuer: it ${issuer.reason}`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'credentials', message)
  }
  return (issuer) => byIssuer.get(issuer)
}
