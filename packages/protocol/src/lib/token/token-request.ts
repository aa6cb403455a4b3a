import { parseResource, type Resource } from '../address/resource.ts'
import { parsed, unparsed, type Unparsed } from '../parsed.ts'
import { parseAuthorizationDetails, type AuthorizationDetail } from './authorization-details.ts'
import { formatForm, singleParameter, type Form } from './form.ts'
import { formatScope, parseScope, type ScopeToken } from './scope.ts'

/** What a client asks the token endpoint for, client authentication set aside. */
export interface TokenRequestMessage {
  /** `client_credentials` for the flow this toolkit is about. */
  readonly grantType: string
  /** Scopes asked for; empty asks for the server's default. */
  readonly scope: readonly string[]
  /** Resource indicators (RFC 8707); empty asks for the server's default. */
  readonly resource: readonly string[]
  /** The older habit of some servers: a logical name in place of a resource indicator. */
  readonly audience?: string
  /** Every other parameter, by name. */
  readonly parameters?: Readonly<Record<string, string>>
}

/** A token request as a server reads it: every part checked for its syntax. */
export interface ParsedTokenRequest {
  readonly grantType: string
  readonly scope: readonly ScopeToken[]
  readonly resource: readonly Resource[]
  readonly audience: string | undefined
  /** Empty where none was asked for. Source: RFC 9396 section 6. */
  readonly authorizationDetails: readonly AuthorizationDetail[]
}

/** Parameters that this module writes; `parameters` may not carry them. */
export const TOKEN_REQUEST_PARAMETERS: readonly string[] = [
  'grant_type',
  'scope',
  'resource',
  'audience',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]

/**
 * The form parameters of a token request, in a stable order.
 *
 * Source: RFC 6749 section 4.4.2; RFC 8707 section 2 (`resource` repeats).
 */
export function tokenRequestParameters(request: TokenRequestMessage): [string, string][] {
  const parameters: [string, string][] = [['grant_type', request.grantType]]
  if (request.scope.length > 0) parameters.push(['scope', formatScope(request.scope)])
  for (const resource of request.resource) parameters.push(['resource', resource])
  if (request.audience !== undefined) parameters.push(['audience', request.audience])
  for (const [name, value] of Object.entries(request.parameters ?? {})) {
    parameters.push([name, value])
  }
  return parameters
}

/** The form body of a token request; see {@link tokenRequestParameters}. */
export function formatTokenRequest(request: TokenRequestMessage): string {
  return formatForm(tokenRequestParameters(request))
}

/** Why a token request cannot be served, with the error code for it. */
export interface TokenRequestFault extends Unparsed {
  readonly error:
    | 'invalid_request'
    | 'invalid_scope'
    | 'invalid_target'
    | 'invalid_authorization_details'
}

/**
 * Reads a token request from a parsed form. Unknown parameters are ignored.
 *
 * Source: RFC 6749 sections 3.2, 4.4.2 and 5.2; RFC 8707 section 2 (`invalid_target`);
 * RFC 9396 section 5 (`invalid_authorization_details`).
 */
export function parseTokenRequest(
  form: Form,
): { readonly ok: true; readonly value: ParsedTokenRequest } | TokenRequestFault {
  const grantType = singleParameter(form, 'grant_type')
  if (!grantType.ok) return { ...grantType, error: 'invalid_request' }
  if (grantType.value === undefined) {
    return { ...unparsed('grant_type', 'is missing'), error: 'invalid_request' }
  }
  const scopeText = singleParameter(form, 'scope')
  if (!scopeText.ok) return { ...scopeText, error: 'invalid_request' }
  const scope = parseScope(scopeText.value ?? '')
  if (!scope.ok) return { ...scope, error: 'invalid_scope' }
  const audience = singleParameter(form, 'audience')
  if (!audience.ok) return { ...audience, error: 'invalid_request' }
  const resource: Resource[] = []
  for (const text of form.get('resource') ?? []) {
    const one = parseResource(text)
    if (!one.ok) return { ...one, error: 'invalid_target' }
    if (!resource.includes(one.value)) resource.push(one.value)
  }
  const detailsText = singleParameter(form, 'authorization_details')
  if (!detailsText.ok) return { ...detailsText, error: 'invalid_request' }
  const details =
    detailsText.value === undefined ? parsed([]) : parseAuthorizationDetails(detailsText.value)
  if (!details.ok) return { ...details, error: 'invalid_authorization_details' }
  return parsed({
    grantType: grantType.value,
    scope: scope.value,
    resource,
    audience: audience.value,
    authorizationDetails: details.value,
  })
}
