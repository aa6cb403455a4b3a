import { ArgumentError, isJsonObject, isScopeToken, optionalNumber } from '@countersign/protocol'
import type {
  AuthorizationDetailsSchema,
  ResourceRecord,
  SenderConstraint,
} from '../registry/records.ts'
import { parseAlgorithm } from './parse-algorithm.ts'
import type { ResourceSettings } from './resource-administration.ts'
import { optionalText } from './trimmed-text.ts'

/** Most names in one list or schema: an administrator's slip must not make every request slow. */
const MAX_NAMES = 100

const FORMATS = ['jwt', 'opaque'] as const
const CONSTRAINTS: readonly SenderConstraint[] = ['none', 'dpop', 'certificate', 'any']
const MEMBER_TYPES = ['string', 'number', 'boolean', 'string_list', 'object']

/** The settings that are given, checked. Throws: `ArgumentError`; `algorithm_unavailable`. */
export function parseSettings(caller: string, given: ResourceSettings): Partial<ResourceRecord> {
  const name = optionalText(caller, 'name', given.name)
  return {
    ...(name !== undefined && { name }),
    ...(given.tokenLifetimeSeconds !== undefined && {
      tokenLifetimeSeconds: parseLifetime(caller, given.tokenLifetimeSeconds),
    }),
    ...(given.tokenFormat !== undefined && {
      tokenFormat: parseOneOf(caller, 'tokenFormat', given.tokenFormat, FORMATS),
    }),
    ...(given.signingAlgorithm !== undefined && {
      signingAlgorithm: parseAlgorithm(caller, 'signingAlgorithm', given.signingAlgorithm),
    }),
    ...(given.senderConstraint !== undefined && {
      senderConstraint: parseOneOf(caller, 'senderConstraint', given.senderConstraint, CONSTRAINTS),
    }),
    ...(given.introspectionClients !== undefined && {
      introspectionClients: parseNames(caller, 'introspectionClients', given.introspectionClients),
    }),
    ...(given.authorizationDetails !== undefined && {
      authorizationDetails: parseSchemas(caller, given.authorizationDetails),
    }),
  }
}

/** Scopes as they are granted: perhaps none. Throws: `ArgumentError`. */
export function parseScopes(caller: string, scopes: unknown): readonly string[] {
  if (!Array.isArray(scopes) || !scopes.every(isScopeToken)) {
    throw new ArgumentError(
      scopes === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
      'scopes',
      `${caller}: 'scopes' must be a list of scopes, such as ['orders:read']`,
    )
  }
  return [...new Set<string>(scopes)]
}

/** Scopes as a resource declares them: one at least. Throws: `ArgumentError`. */
export function parseDeclaredScopes(caller: string, given: unknown): readonly string[] {
  const scopes = parseScopes(caller, given)
  if (scopes.length > 0) return scopes
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    'scopes',
    `${caller}: 'scopes' must name at least one scope`,
  )
}

/** A lifetime of 1 second to 30 days. Throws: `ArgumentError`. */
export function parseLifetime(caller: string, value: number | undefined): number {
  const name = 'tokenLifetimeSeconds'
  const seconds = optionalNumber(caller, name, value, { fallback: 3600, min: 1, max: 2_592_000 })
  if (Number.isInteger(seconds)) return seconds
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    name,
    `${caller}: '${name}' must be a whole number of seconds`,
  )
}

/** A list of names, each once. Throws: `ArgumentError`. */
export function parseNames(caller: string, name: string, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.length <= MAX_NAMES && value.every(isName)) {
    return [...new Set<string>(value)]
  }
  throw new ArgumentError(
    'ERR_ARGUMENT_TYPE',
    name,
    `${caller}: '${name}' must be a list of at most ${MAX_NAMES} names`,
  )
}

function parseOneOf<T extends string>(
  caller: string,
  name: string,
  value: unknown,
  known: readonly T[],
): T {
  const found = known.find((one) => one === value)
  if (found !== undefined) return found
  throw new ArgumentError(
    'ERR_ARGUMENT_VALUE',
    name,
    `${caller}: '${name}' must be one of ${known.join(', ')}`,
  )
}

function parseSchemas(
  caller: string,
  value: unknown,
): Readonly<Record<string, AuthorizationDetailsSchema>> {
  if (isJsonObject(value)) {
    const schemas = Object.entries(value)
    const known = schemas.filter((one): one is [string, AuthorizationDetailsSchema] =>
      isSchema(...one),
    )
    if (schemas.length <= MAX_NAMES && known.length === schemas.length) {
      return Object.fromEntries(known.map(([type, { members }]) => [type, { members }]))
    }
  }
  throw new ArgumentError(
    'ERR_ARGUMENT_TYPE',
    'authorizationDetails',
    `${caller}: 'authorizationDetails' must give each type its schema, such as ` +
      `{ payment: { members: { amount: { type: 'number', required: true } } } }`,
  )
}

function isSchema(type: string, schema: unknown): boolean {
  if (!isName(type) || !isJsonObject(schema) || !isJsonObject(schema['members'])) return false
  const members = Object.entries(schema['members'])
  return members.length <= MAX_NAMES && members.every(([name, one]) => isMember(name, one))
}

function isMember(name: string, member: unknown): boolean {
  if (!isName(name) || name === 'type' || !isJsonObject(member)) return false
  const { type, required, values, ...others } = member
  if (Object.keys(others).length > 0 || !MEMBER_TYPES.some((one) => one === type)) return false
  if (required !== undefined && typeof required !== 'boolean') return false
  if (values === undefined) return true
  if (type !== 'string' && type !== 'string_list') return false
  return Array.isArray(values) && values.length <= MAX_NAMES && values.every(isName)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 256
}
