import {
  parsed,
  parseIssuer,
  unparsed,
  type Issuer,
  type JsonObject,
  type Parsed,
} from '@countersign/protocol'

/** What an API says of itself, as far as a client of its own needs it. */
export interface ResourceMetadata {
  /** Letter by letter as the document has it. */
  readonly resource: string
  readonly authorizationServers: readonly Issuer[]
  readonly scopesSupported: readonly string[] | undefined
  /** Whether it takes tokens in the `Authorization` header; the only place where they belong. */
  readonly takesHeader: boolean
  readonly dpopRequired: boolean
  /** That it takes such tokens, not that it takes no others: only DPoP can be demanded here. */
  readonly certificateSupported: boolean
}

/** Most authorization servers of one document that are looked at. */
const MAX_SERVERS = 100

/** Where an API without a challenge publishes its metadata. Source: RFC 9728 section 3.1. */
export function resourceMetadataUrl(api: URL): URL {
  const path = api.pathname === '/' ? '' : api.pathname
  return new URL(`${api.origin}/.well-known/oauth-protected-resource${path}${api.search}`)
}

/**
 * Parses protected resource metadata. `signed_metadata` is not looked at: what it would vouch for is
 * decided by the caller's list of issuers.
 *
 * Source: RFC 9728 sections 2 and 3.2.
 */
export function parseResourceMetadata(json: JsonObject): Parsed<ResourceMetadata> {
  const { resource, authorization_servers: servers, bearer_methods_supported: methods } = json
  if (typeof resource !== 'string') return unparsed('resource', 'must be a string')
  if (!isTexts(servers) || servers.length === 0) {
    return unparsed('authorization_servers', 'must be a list of issuers')
  }
  if (servers.length > MAX_SERVERS) return unparsed('authorization_servers', 'are too many')
  const issuers = servers.map(parseIssuer)
  const scopes = json['scopes_supported']
  return parsed({
    resource,
    authorizationServers: issuers.flatMap((one) => (one.ok ? [one.value] : [])),
    scopesSupported: isTexts(scopes) ? scopes : undefined,
    takesHeader: methods === undefined || (isTexts(methods) && methods.includes('header')),
    dpopRequired: json['dpop_bound_access_tokens_required'] === true,
    certificateSupported: json['tls_client_certificate_bound_access_tokens'] === true,
  })
}

/** Whether a document speaks of the API that was called. Source: RFC 9728 section 3.3. */
export function isSameResource(resource: string, called: string): boolean {
  // A URL without a path and one with "/" as its path are one and the same: RFC 9110 section 4.2.3.
  return resource === called || withSlash(resource) === withSlash(called)
}

function withSlash(text: string): string {
  return /^https?:\/\/[^/?#]+$/.test(text) ? `${text}/` : text
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}
