import {
  ArgumentError,
  assertKnownOptions,
  isScopeToken,
  optionalSecureUrl,
  optionalString,
  parseIssuer,
  parseResource,
  parseSecureUrl,
  requiredString,
} from '@countersign/protocol'
import type { GuardOptions } from '../guard/guard-options.ts'

/** How senders are bound to their tokens: options of the guard that the metadata tells of, too. */
export type SenderOptions = Pick<GuardOptions, 'binding' | 'dpop' | 'certificates'>

/** What an API says of itself. The names are those of RFC 9728. */
export interface ProtectedResourceOptions<Scope extends string = string> extends SenderOptions {
  /**
   * The API's identifier: its https URL as clients call it, letter by letter, without query and
   * fragment. Tokens must have it in `aud`, and the metadata is published below its origin.
   */
  readonly resource: string
  /** The issuers whose tokens the API takes. */
  readonly authorizationServers: readonly string[]
  /** Every scope of the API, with a few words for people who read the OpenAPI document. */
  readonly scopes: Readonly<Record<Scope, string>>
  /** The name of the API for people. */
  readonly resourceName?: string
  /** A page for developers. */
  readonly resourceDocumentation?: string
  /** A page about how the data may be used. */
  readonly resourcePolicyUri?: string
  /** A page with the terms of service. */
  readonly resourceTosUri?: string
}

/** The options, checked. */
export interface ProtectedResourceSettings {
  readonly url: URL
  readonly resource: string
  readonly authorizationServers: readonly string[]
  readonly scopes: ReadonlyMap<string, string>
  /** Members of the metadata that are for people. */
  readonly forPeople: Readonly<Record<string, string>>
  /** Those that were given. */
  readonly sender: SenderOptions
}

const CALLER = 'protectedResource'
const NAMES: readonly (keyof ProtectedResourceOptions)[] = [
  'resource',
  'authorizationServers',
  'scopes',
  'resourceName',
  'resourceDocumentation',
  'resourcePolicyUri',
  'resourceTosUri',
  'binding',
  'dpop',
  'certificates',
]
const PAGES = [
  ['resourceDocumentation', 'resource_documentation'],
  ['resourcePolicyUri', 'resource_policy_uri'],
  ['resourceTosUri', 'resource_tos_uri'],
] as const

/** Throws: `ArgumentError` naming the option at fault. */
export function readProtectedResourceOptions(
  options: ProtectedResourceOptions,
): ProtectedResourceSettings {
  assertKnownOptions(CALLER, options, NAMES)
  const given = options as unknown as ProtectedResourceOptions
  const { binding, dpop, certificates } = given
  const resource = requiredString(CALLER, 'resource', given.resource)
  return {
    url: readUrl(resource),
    resource,
    authorizationServers: readServers(given.authorizationServers),
    scopes: readScopes(given.scopes),
    forPeople: readForPeople(given),
    sender: {
      ...(binding !== undefined && { binding }),
      ...(dpop !== undefined && { dpop }),
      ...(certificates !== undefined && { certificates }),
    },
  }
}

/** Source: RFC 9728 section 1.2; without a query, as it recommends. */
function readUrl(resource: string): URL {
  const name = parseResource(resource)
  if (!name.ok) throw invalid('resource', name.reason)
  const url = parseSecureUrl('resource', resource)
  if (!url.ok) throw invalid('resource', url.reason)
  if (resource.includes('?')) throw invalid('resource', 'must have no query')
  return url.value
}

function readServers(value: unknown): readonly string[] {
  const name = 'authorizationServers'
  if (!Array.isArray(value)) {
    const message = `${CALLER}: '${name}' must be a list of issuers`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', name, message)
  }
  if (value.length === 0) throw invalid(name, 'must name at least one issuer')
  return value.map((one, index) => {
    const issuer = parseIssuer(one)
    if (!issuer.ok) throw invalid(`${name}[${index}]`, issuer.reason)
    return issuer.value
  })
}

function readScopes(value: unknown): ReadonlyMap<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const message = `${CALLER}: 'scopes' must be an object from each scope to a description`
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'scopes', message)
  }
  const scopes = new Map<string, string>()
  for (const [scope, description] of Object.entries(value)) {
    if (!isScopeToken(scope)) {
      throw invalid(`scopes.${scope}`, 'must be named by one scope, without blanks or quotes')
    }
    scopes.set(scope, requiredString(CALLER, `scopes.${scope}`, description))
  }
  return scopes
}

function readForPeople(given: ProtectedResourceOptions): Record<string, string> {
  const members: Record<string, string> = {}
  const name = optionalString(CALLER, 'resourceName', given.resourceName)
  if (name !== undefined) members['resource_name'] = name
  for (const [option, member] of PAGES) {
    const page = optionalSecureUrl(CALLER, option, given[option])
    if (page !== undefined) members[member] = page
  }
  return members
}

function invalid(option: string, reason: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${CALLER}: '${option}' ${reason}`)
}
