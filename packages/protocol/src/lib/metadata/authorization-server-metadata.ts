import { isJsonObject, type JsonObject } from '../text/json-object.ts'
import { parseSecureUrl } from '../address/secure-url.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** What an authorization server says about itself; the members this toolkit acts on, and the rest. */
export interface AuthorizationServerMetadata {
  readonly issuer: string
  readonly tokenEndpoint: string | undefined
  /** Where clients with a certificate ask for tokens, when that is elsewhere (RFC 8705 section 5). */
  readonly mtlsTokenEndpoint: string | undefined
  readonly jwksUri: string | undefined
  /** Client authentication methods of the token endpoint; `client_secret_basic` where unsaid. */
  readonly tokenEndpointAuthMethods: readonly string[]
  readonly grantTypes: readonly string[] | undefined
  readonly scopes: readonly string[] | undefined
  /** Every member as it came. */
  readonly all: JsonObject
}

/**
 * Reads a metadata document and checks that it is the one asked for.
 *
 * `expectedIssuer` must be identical to the document's `issuer`, character by character: otherwise
 * one server could answer for another. Endpoints must be https, or http on loopback.
 * Source: RFC 8414 sections 2, 3.2 and 3.3.
 */
export function parseAuthorizationServerMetadata(
  body: unknown,
  expectedIssuer: string,
): Parsed<AuthorizationServerMetadata> {
  if (!isJsonObject(body)) return unparsed('body', 'JSON is not an object')
  const issuer = body['issuer']
  if (typeof issuer !== 'string') return unparsed('issuer', 'is missing')
  if (issuer !== expectedIssuer) {
    return unparsed('issuer', 'differs from the issuer that was asked for')
  }
  const tokenEndpoint = optionalUrl(body, 'token_endpoint')
  if (!tokenEndpoint.ok) return tokenEndpoint
  const aliases = body['mtls_endpoint_aliases']
  const mtls = isJsonObject(aliases) ? optionalUrl(aliases, 'token_endpoint') : parsed(undefined)
  if (!mtls.ok) return unparsed('mtls_endpoint_aliases', mtls.reason)
  const jwksUri = optionalUrl(body, 'jwks_uri')
  if (!jwksUri.ok) return jwksUri
  const methods = optionalStrings(body, 'token_endpoint_auth_methods_supported')
  if (!methods.ok) return methods
  const grantTypes = optionalStrings(body, 'grant_types_supported')
  if (!grantTypes.ok) return grantTypes
  const scopes = optionalStrings(body, 'scopes_supported')
  if (!scopes.ok) return scopes
  return parsed({
    issuer,
    tokenEndpoint: tokenEndpoint.value,
    mtlsTokenEndpoint: mtls.value,
    jwksUri: jwksUri.value,
    tokenEndpointAuthMethods: methods.value ?? ['client_secret_basic'],
    grantTypes: grantTypes.value,
    scopes: scopes.value,
    all: body,
  })
}

/**
 * The JSON members of a metadata document. Members of `all` stand unless a named one replaces them;
 * empty lists are left out (RFC 8414 section 3.2).
 */
export function formatAuthorizationServerMetadata(
  metadata: AuthorizationServerMetadata,
): JsonObject {
  const members: Record<string, unknown> = {
    ...metadata.all,
    issuer: metadata.issuer,
    token_endpoint: metadata.tokenEndpoint,
    ...(metadata.mtlsTokenEndpoint !== undefined && {
      mtls_endpoint_aliases: {
        ...(metadata.all['mtls_endpoint_aliases'] as JsonObject | undefined),
        token_endpoint: metadata.mtlsTokenEndpoint,
      },
    }),
    jwks_uri: metadata.jwksUri,
    scopes_supported: metadata.scopes,
    grant_types_supported: metadata.grantTypes,
    token_endpoint_auth_methods_supported: metadata.tokenEndpointAuthMethods,
  }
  return Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  )
}

function optionalUrl(body: JsonObject, member: string): Parsed<string | undefined> {
  const value = body[member]
  if (value === undefined || value === null) return parsed(undefined)
  const url = parseSecureUrl(member, value)
  if (!url.ok) return url
  if (url.value.hash !== '') return unparsed(member, 'must have no fragment')
  return parsed(value as string)
}

function optionalStrings(body: JsonObject, member: string): Parsed<readonly string[] | undefined> {
  const value = body[member]
  if (value === undefined || value === null) return parsed(undefined)
  if (!Array.isArray(value) || !value.every((one) => typeof one === 'string')) {
    return unparsed(member, 'must be a list of strings')
  }
  return parsed(value as readonly string[])
}
