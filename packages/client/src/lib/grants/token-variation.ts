import {
  ArgumentError,
  isScopeToken,
  parseResource,
  parseScope,
  TOKEN_REQUEST_PARAMETERS,
} from '@countersign/protocol'
import { TOKEN_VARIATION, type AuthorizationDetail, type TokenVariation } from '../token-source.ts'

/** A {@link TokenVariation}, checked: what exactly is asked for. */
export interface AskedToken {
  readonly scope: readonly string[]
  readonly resource: readonly string[]
  readonly audience: string | undefined
  readonly authorizationDetails: readonly AuthorizationDetail[] | undefined
  readonly parameters: Readonly<Record<string, string>>
  readonly partition: string | undefined
}

/** What is asked for where nothing is said. */
const NOTHING: AskedToken = {
  scope: [],
  resource: [],
  audience: undefined,
  authorizationDetails: undefined,
  parameters: {},
  partition: undefined,
}

/**
 * What a call asks for, on top of what its client asks for by itself.
 *
 * Throws: `ArgumentError`, naming the member.
 */
export function askedToken(
  caller: string,
  variation: TokenVariation,
  base: AskedToken = NOTHING,
): AskedToken {
  const { scope, resource, audience, authorizationDetails, parameters, partition } = variation
  return {
    scope: scope === undefined ? base.scope : scopeOf(caller, scope),
    resource: resource === undefined ? base.resource : resourceOf(caller, resource),
    audience: text(caller, 'audience', audience) ?? base.audience,
    authorizationDetails:
      authorizationDetails === undefined
        ? base.authorizationDetails
        : detailsOf(caller, authorizationDetails),
    parameters:
      parameters === undefined
        ? base.parameters
        : { ...base.parameters, ...parametersOf(caller, parameters) },
    partition: text(caller, 'partition', partition) ?? base.partition,
  }
}

/** Whether a request asks for another token than its client's usual one. */
export function hasVariation(request: TokenVariation): boolean {
  return TOKEN_VARIATION.some((name) => request[name] !== undefined)
}

/** One text for all that asks for the same token, and for nothing else. */
export function variationKey(asked: AskedToken): string {
  const { scope, resource, audience, authorizationDetails, parameters, partition } = asked
  return JSON.stringify([
    scope.toSorted(),
    [...new Set(resource)].toSorted(),
    audience ?? null,
    authorizationDetails === undefined ? null : canonical(authorizationDetails),
    Object.entries(parameters).toSorted(([one], [other]) => (one < other ? -1 : 1)),
    partition ?? null,
  ])
}

/** A JSON value with the members of every object in one order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, canonical(member)] as const)
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function wrong(caller: string, option: string, message: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', option, `${caller}: '${option}' ${message}`)
}

function text(caller: string, option: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  throw wrong(caller, option, 'must be a string that is not empty')
}

function scopeOf(caller: string, value: unknown): readonly string[] {
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
  const resources: readonly unknown[] = Array.isArray(value) ? value : [value]
  return resources.map((one) => {
    const resource = parseResource(one)
    if (!resource.ok) throw wrong(caller, 'resource', resource.reason)
    return resource.value
  })
}

function detailsOf(caller: string, value: unknown): readonly AuthorizationDetail[] {
  const isList =
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one: unknown) => {
      return (
        typeof one === 'object' && one !== null && 'type' in one && typeof one.type === 'string'
      )
    })
  // What JSON makes of it is what is sent: a date or a URL among it must count in the key as well.
  const json = isList ? jsonOf(value) : undefined
  if (json !== undefined) return JSON.parse(json) as AuthorizationDetail[]
  throw wrong(caller, 'authorizationDetails', "must be a list of JSON objects with a 'type' each")
}

/** `undefined` for what JSON cannot write. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function parametersOf(caller: string, value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong(caller, 'parameters', 'must be an object')
  }
  for (const [name, parameter] of Object.entries(value)) {
    if (TOKEN_REQUEST_PARAMETERS.includes(name)) {
      throw wrong(caller, 'parameters', `must not hold '${name}': it has an option of its own`)
    }
    if (typeof parameter !== 'string') {
      throw wrong(caller, `parameters.${name}`, 'must be a string')
    }
  }
  return { ...(value as Record<string, string>) }
}
