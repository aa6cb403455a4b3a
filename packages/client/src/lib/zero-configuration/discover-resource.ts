import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  parseIssuer,
  parseJsonObject,
  parseSecureUrl,
  type Issuer,
} from '@countersign/protocol'
import { peerText } from '../errors/peer-text.ts'
import { AttachError, PeerError } from '../errors/token-error.ts'
import { boundedAnswer } from '../http/bounded-answer.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import { isPrivateHost } from './private-address.ts'
import { askForChallenge, assertProbe, type ResourceProbe } from './resource-challenge.ts'
import { parseResourceMetadata, type ResourceMetadata } from './resource-metadata.ts'
import { EXACT_RESOURCE, type ResourceProfile } from './resource-profile.ts'

/** Which authorization servers are trusted, and how an API is asked. */
export interface DiscoverResourceOptions {
  /** The authorization servers that may be used: their issuers, letter by letter, or a test of one. */
  readonly issuers: readonly string[] | ((issuer: string) => boolean)
  /** Whether addresses of this machine and of local networks may be called. Default false. */
  readonly allowPrivateAddresses?: boolean
  /** How the API is called without a token. Default: a GET; give one that it refuses to strangers. */
  readonly probe?: ResourceProbe
  /** Default: the platform's. */
  readonly fetch?: FetchFunction
  /** Milliseconds for each of the two calls. Default 10 000. */
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** What an API says of itself, held against the list of trusted issuers. */
export interface DiscoveredResource {
  /** The API's identifier, as tokens for it are asked: letter by letter what it says. */
  readonly resource: string
  /** The first of its authorization servers that is trusted. */
  readonly issuer: string
  /** The scopes its challenge asks for; `undefined` where it names none. */
  readonly scope: readonly string[] | undefined
  /** All the scopes it knows, where it lists them. */
  readonly scopesSupported: readonly string[] | undefined
  /** Whether it takes DPoP-bound tokens only. */
  readonly dpopRequired: boolean
  /** Whether it takes certificate-bound tokens; it may take others as well. */
  readonly certificateSupported: boolean
}

const OPTIONS: readonly (keyof DiscoverResourceOptions)[] = [
  'issuers',
  'allowPrivateAddresses',
  'probe',
  'fetch',
  'timeout',
  'signal',
]

/**
 * Finds out who issues tokens for an API, from the API's address alone.
 *
 * The API is called once without a token; its 401 names its metadata, or else the well-known place is
 * tried. The metadata must speak of exactly the URL that was given, and name a trusted issuer: an
 * API cannot bring in a server of its own choice. Nothing secret is sent.
 *
 * Private addresses are refused by their looks, names are not resolved: see
 * {@link DiscoverResourceOptions.allowPrivateAddresses}. A public name that resolves to a private
 * address is not seen; pass a `fetch` that checks its connections where the API's address comes from
 * outside. The endpoints that a trusted issuer publishes are taken as it publishes them.
 *
 * Throws: `ArgumentError`. Rejects: `ERR_PRIVATE_ADDRESS`, `ERR_RESOURCE_METADATA`,
 * `ERR_RESOURCE_MISMATCH`, `ERR_ISSUER_NOT_ALLOWED`, `ERR_NETWORK`, `ERR_TIMEOUT`,
 * `ERR_RESPONSE_REDIRECT`, `ERR_RESPONSE_TOO_LARGE`.
 * Source: RFC 9728 sections 2, 3, 5 and 7.
 */
export function discoverResource(
  apiUrl: string,
  options: DiscoverResourceOptions,
): Promise<DiscoveredResource> {
  return resourceFinder('discoverResource', apiUrl, options)()
}

/** {@link discoverResource} in two steps: all that can be checked is, and nothing is sent yet. */
export function resourceFinder(
  caller: string,
  apiUrl: string,
  options: DiscoverResourceOptions,
  profile: ResourceProfile = EXACT_RESOURCE,
): () => Promise<DiscoveredResource> {
  assertKnownOptions(caller, options, OPTIONS)
  const given = options as unknown as DiscoverResourceOptions
  const isTrusted = trustOf(caller, given.issuers)
  const url = apiUrlOf(caller, apiUrl)
  const { allowPrivateAddresses = false, signal, probe } = given
  if (typeof allowPrivateAddresses !== 'boolean') {
    const message = `${caller}: 'allowPrivateAddresses' must be true or false`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'allowPrivateAddresses', message)
  }
  assertProbe(caller, probe)
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    const message = `${caller}: 'signal' must be an AbortSignal`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'signal', message)
  }
  const bounds = { fallback: 10_000, min: 1, max: 600_000 }
  const settings = {
    isTrusted,
    allowPrivateAddresses,
    fetch: optionalFunction(caller, 'fetch', given.fetch, platformFetch),
    timeout: optionalNumber(caller, 'timeout', given.timeout, bounds),
    signal,
    probe,
    profile,
  }
  return () => discover(apiUrl, url, settings)
}

/** The API's address, checked. Throws: `ArgumentError`. */
export function apiUrlOf(caller: string, apiUrl: unknown): URL {
  const url = parseSecureUrl('apiUrl', apiUrl)
  if (!url.ok) {
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'apiUrl', `${caller}: 'apiUrl' ${url.reason}`)
  }
  if (!String(apiUrl).includes('#')) return url.value
  const message = `${caller}: 'apiUrl' must have no fragment`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'apiUrl', message)
}

interface DiscoverSettings {
  readonly isTrusted: (issuer: Issuer) => boolean
  readonly allowPrivateAddresses: boolean
  readonly fetch: FetchFunction
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  readonly probe: ResourceProbe | undefined
  readonly profile: ResourceProfile
}

async function discover(
  called: string,
  url: URL,
  settings: DiscoverSettings,
): Promise<DiscoveredResource> {
  assertPublic(url, settings)
  const challenge = await askForChallenge(url, settings)
  const { resourceMetadata } = challenge
  const places =
    resourceMetadata === undefined ? settings.profile.places(url) : [placeOf(resourceMetadata, url)]
  const { metadata, place } = await metadataAt(places, settings)
  if (!settings.profile.isRight(metadata.resource, called))
    throw mismatch(called, metadata.resource)
  if (!metadata.takesHeader) {
    throw unusable(place, 'the API takes no token in the Authorization header')
  }
  const issuer = metadata.authorizationServers.find((one) => settings.isTrusted(one))
  if (issuer === undefined) throw untrusted(url, metadata.authorizationServers)
  assertPublic(new URL(issuer), settings)
  const { resource, scopesSupported, dpopRequired, certificateSupported } = metadata
  const { scope } = challenge
  return { resource, issuer, scope, scopesSupported, dpopRequired, certificateSupported }
}

interface FoundMetadata {
  readonly metadata: ResourceMetadata
  readonly place: URL
}

/** What is published at the first of these places that has something. */
async function metadataAt(
  places: readonly URL[],
  settings: DiscoverSettings,
): Promise<FoundMetadata> {
  const [place, ...others] = places
  if (place === undefined) throw new TypeError('there is no place to look at')
  assertPublic(place, settings)
  const { fetch, timeout, signal } = settings
  const answer = await boundedAnswer(
    place,
    { headers: { accept: 'application/json' } },
    { fetch, timeout, phase: 'discovery', signal },
  )
  if (answer.status === 404 && others.length > 0) return metadataAt(others, settings)
  if (answer.status !== 200) throw unusable(place, `the answer is ${answer.status}`, answer.status)
  const json = parseJsonObject(answer.text)
  if (!json.ok) throw unusable(place, json.reason)
  const metadata = parseResourceMetadata(json.value)
  if (metadata.ok) return { metadata: metadata.value, place }
  throw unusable(place, `${metadata.member} ${metadata.reason}`)
}

function trustOf(caller: string, issuers: unknown): (issuer: Issuer) => boolean {
  // Anything but a plain yes is a no: a promise, say.
  if (typeof issuers === 'function') return (issuer) => issuers(issuer) === true
  if (issuers === undefined) {
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'issuers', `${caller}: 'issuers' is required`)
  }
  if (!Array.isArray(issuers)) {
    const message = `${caller}: 'issuers' must be a list or a function`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'issuers', message)
  }
  const trusted = issuers.map((text: unknown, index) => {
    const issuer = parseIssuer(text)
    if (issuer.ok) return issuer.value
    const message = `${caller}: 'issuers[${index}]' ${issuer.reason}`
    throw new ArgumentError('ERR_ARGUMENT_VALUE', `issuers[${index}]`, message)
  })
  return (issuer) => trusted.includes(issuer)
}

/** Where the challenge says the metadata is. It comes from the API: it is checked like user input. */
function placeOf(text: string, api: URL): URL {
  const place = parseSecureUrl('resource_metadata', text)
  if (place.ok) return place.value
  const message = `the resource_metadata of ${api.origin} ${place.reason}`
  throw new PeerError('ERR_RESOURCE_METADATA', message, { phase: 'discovery', status: 401 })
}

function assertPublic(url: URL, { allowPrivateAddresses }: DiscoverSettings): void {
  if (allowPrivateAddresses || !isPrivateHost(url.hostname)) return
  throw new AttachError('ERR_PRIVATE_ADDRESS', `${url.origin} is not on the public internet`, {
    phase: 'discovery',
    hint: 'Set allowPrivateAddresses if that is where the API is, and you trust it',
  })
}

function unusable(place: URL, reason: string, status?: number): PeerError {
  const message = `the metadata at ${place.origin}${place.pathname} is unusable: ${reason}`
  const hint = 'Give createClient the issuer by hand if the API cannot be mended'
  const retryable = status !== undefined && (status >= 500 || status === 429)
  return new PeerError('ERR_RESOURCE_METADATA', message, {
    phase: 'discovery',
    hint,
    status,
    retryable,
  })
}

function mismatch(called: string, named: string): PeerError {
  const message = `the metadata of ${new URL(called).origin} speaks of resource ${peerText(named)}`
  const hint = 'Call discovery with exactly that address, if it is the API you mean'
  return new PeerError('ERR_RESOURCE_MISMATCH', message, { phase: 'discovery', hint })
}

function untrusted(api: URL, issuers: readonly string[]): PeerError {
  const named = issuers.slice(0, 3).map(peerText).join(', ')
  const message = `${api.origin} takes tokens of ${named === '' ? 'no usable issuer' : named} only`
  const hint = 'Add the issuer to the trusted ones if it is; issuers are compared letter by letter'
  return new PeerError('ERR_ISSUER_NOT_ALLOWED', message, { phase: 'discovery', hint })
}
