import { ArgumentError, type ArgumentErrorCode, type JsonObject } from '@countersign/protocol'
import { createGuard, type Guard } from '../guard/create-guard.ts'
import { readGuardOptions, type GuardOptions } from '../guard/guard-options.ts'
import type { IssuerOptions } from '../issuer/issuer-options.ts'
import { openApiSecurity, type OpenApiOptions, type OpenApiSecurity } from './open-api-security.ts'
import {
  readProtectedResourceOptions,
  type ProtectedResourceOptions,
  type SenderOptions,
} from './protected-resource-options.ts'

/** What {@link ProtectedResource.guard} takes: a guard's options but for those that are declared. */
export interface DeclaredGuardOptions extends Omit<
  GuardOptions,
  'issuer' | 'issuers' | 'audience' | 'resourceMetadata' | keyof SenderOptions
> {
  /** Which of the authorization servers; needed where there are several, or `issuers`. */
  readonly issuer?: string
  /** Which of them, each with options of its own. */
  readonly issuers?: readonly IssuerOptions[]
}

/** What an adapter's `serveMetadata` publishes. */
export interface PublishedMetadata {
  /** The metadata document. */
  readonly metadata: JsonObject
  /** Where clients look for it. */
  readonly metadataUrl: string
}

/** An API as it was declared, and what follows from that. */
export interface ProtectedResource<Scope extends string = string> extends PublishedMetadata {
  /** The identifier, as it was given. */
  readonly resource: string
  /**
   * A guard for this API: issuer, audience, scopes, how senders are bound, and the `resource_metadata` of
   * its challenges are those declared. Make one and keep it: keys are held in it.
   *
   * Throws: `ArgumentError` for wrong options, and for an issuer that was not declared.
   */
  guard(options?: DeclaredGuardOptions): Guard<Scope>
  /** The security scheme for an OpenAPI 3.1 document, and what each route requires of it. */
  openApiSecurity(options: OpenApiOptions): OpenApiSecurity<Scope>
}

/**
 * Declares an API once; its metadata, its challenges and its OpenAPI security follow and cannot
 * drift apart. Does no I/O.
 *
 * Throws: `ArgumentError` naming the option at fault.
 * Source: RFC 9728 sections 2, 3.1 and 5.1.
 *
 * @example
 * const orders = protectedResource({
 *   resource: 'https://api.example.com/orders',
 *   authorizationServers: ['https://auth.example.com'],
 *   scopes: { 'orders:read': 'Read orders', 'orders:write': 'Change orders' },
 * })
 * const guard = orders.guard()
 */
export function protectedResource<Scope extends string>(
  options: ProtectedResourceOptions<Scope>,
): ProtectedResource<Scope> {
  const { url, resource, authorizationServers, scopes, forPeople, sender } =
    readProtectedResourceOptions(options)
  const metadataUrl = metadataUrlOf(url)
  const metadata = Object.freeze({
    resource,
    authorization_servers: Object.freeze([...authorizationServers]),
    // A member that would be an empty list is left out: RFC 9728 section 3.2.
    ...(scopes.size > 0 && { scopes_supported: Object.freeze([...scopes.keys()]) }),
    bearer_methods_supported: Object.freeze(['header']),
    ...senderMembers({ ...sender, issuer: authorizationServers[0] ?? '', audience: resource }),
    ...forPeople,
  })

  function guard(given: DeclaredGuardOptions = {}): Guard<Scope> {
    const { issuers, issuer = issuers === undefined ? onlyIssuer() : undefined, ...rest } = given
    if (issuer !== undefined) assertDeclared(issuer, 'issuer')
    const chosen = createGuard<Scope>({
      ...rest,
      ...sender,
      ...(issuer !== undefined && { issuer }),
      ...(issuers !== undefined && { issuers }),
      audience: resource,
      resourceMetadata: metadataUrl,
    })
    for (const [at, one] of (issuers ?? []).entries()) {
      assertDeclared(one.issuer, `issuers[${at}].issuer`)
    }
    return chosen
  }

  function onlyIssuer(): string {
    const [only, ...others] = authorizationServers
    if (only !== undefined && others.length === 0) return only
    throw undeclared('issuer', 'ERR_ARGUMENT_MISSING')
  }

  function assertDeclared(issuer: string, place: string): void {
    if (!authorizationServers.includes(issuer)) throw undeclared(place, 'ERR_ARGUMENT_VALUE')
  }

  return {
    resource,
    metadata,
    metadataUrl,
    guard,
    openApiSecurity: (given) => openApiSecurity<Scope>(scopes, given),
  }
}

function undeclared(place: string, code: ArgumentErrorCode): ArgumentError {
  const reason = 'must be one of the authorization servers that were declared'
  return new ArgumentError(code, place, `guard: '${place}' ${reason}`)
}

/**
 * What the metadata says of bound tokens, as the guard will treat them. Members that would be false are
 * left out. Source: RFC 9728 section 2.
 */
function senderMembers(options: GuardOptions): JsonObject {
  const { binding, dpop, certificates } = readGuardOptions(options)
  return {
    ...(dpop && { dpop_signing_alg_values_supported: Object.freeze([...dpop.algorithms]) }),
    ...(dpop &&
      certificates === undefined &&
      binding === 'required' && { dpop_bound_access_tokens_required: true }),
    ...(certificates && { tls_client_certificate_bound_access_tokens: true }),
  }
}

/** The well-known part goes between host and path; a bare slash is no path. Source: RFC 9728 section 3.1. */
function metadataUrlOf({ origin, pathname }: URL): string {
  return `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`
}
