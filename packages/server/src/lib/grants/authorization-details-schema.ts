import { isJsonObject, type AuthorizationDetail } from '@countersign/protocol'
import type { AuthorizationDetailsSchema } from '../registry/records.ts'

type Member = AuthorizationDetailsSchema['members'][string]

/**
 * Whether a details object is what the schema of its type says: each member known and of its kind,
 * none missing that must be there.
 *
 * Source: RFC 9396 section 5.
 */
export function fitsSchema(
  detail: AuthorizationDetail,
  { members }: AuthorizationDetailsSchema,
): boolean {
  for (const [name, value] of Object.entries(detail)) {
    if (name === 'type') continue
    const member = Object.hasOwn(members, name) ? members[name] : undefined
    if (member === undefined || !fitsMember(value, member)) return false
  }
  return Object.entries(members).every(
    ([name, { required = false }]) => !required || Object.hasOwn(detail, name),
  )
}

function fitsMember(value: unknown, { type, values }: Member): boolean {
  const isAllowed = (one: unknown): boolean =>
    typeof one === 'string' && (values === undefined || values.includes(one))
  switch (type) {
    case 'string':
      return isAllowed(value)
    case 'string_list':
      return Array.isArray(value) && value.every(isAllowed)
    case 'object':
      return isJsonObject(value)
    case 'number':
    case 'boolean':
      return typeof value === type
  }
}
