import { isJsonObject, parseJson, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** One authorization details object: `type` says what its other members are. */
export interface AuthorizationDetail extends JsonObject {
  readonly type: string
}

/** Longest `authorization_details` that is read, in characters. */
export const MAX_AUTHORIZATION_DETAILS = 4096
/** Most objects in it, and the depth that each may be nested to. */
const MAX_COUNT = 10
const MAX_DEPTH = 5

/**
 * Reads the `authorization_details` parameter: a JSON array of objects, each with a `type`.
 *
 * Size and depth are looked at before it is parsed. What the members of a type may be is not looked at.
 * Source: RFC 9396 sections 2 and 2.2.
 */
export function parseAuthorizationDetails(text: string): Parsed<readonly AuthorizationDetail[]> {
  if (text.length > MAX_AUTHORIZATION_DETAILS) return broken('is too long')
  const json = parseJson(text, MAX_DEPTH + 1)
  const all = json.ok ? json.value : undefined
  if (!Array.isArray(all)) return broken('must be a JSON array, nested a few levels at most')
  if (all.length === 0 || all.length > MAX_COUNT) {
    return broken(`must hold 1 to ${MAX_COUNT} objects`)
  }
  const details: AuthorizationDetail[] = []
  for (const one of all as unknown[]) {
    if (!isAuthorizationDetail(one)) return broken("must hold objects, each with a 'type'")
    details.push(one)
  }
  return parsed(details)
}

/** The text of an `authorization_details` parameter. */
export function formatAuthorizationDetails(details: readonly AuthorizationDetail[]): string {
  return JSON.stringify(details)
}

function isAuthorizationDetail(value: unknown): value is AuthorizationDetail {
  if (!isJsonObject(value)) return false
  const { type } = value
  return typeof type === 'string' && type !== '' && type.length <= 256
}

function broken(reason: string): Parsed<never> {
  return unparsed('authorization_details', reason)
}
