import { isJsonObject, type JsonObject } from '@countersign/protocol'

/** Where the status of a token stands. */
export interface StatusReference {
  readonly index: number
  /** Of the list, as the token has it. */
  readonly uri: string
}

/**
 * Where the status of a token stands, by its claim `status`; `undefined` where it has none, `unusable`
 * where it names no place in a status list.
 *
 * Source: draft-ietf-oauth-status-list-20 section 6.
 */
export function statusReference(claims: JsonObject): StatusReference | 'unusable' | undefined {
  if (!('status' in claims)) return undefined
  const { status } = claims
  const list = isJsonObject(status) ? status['status_list'] : undefined
  if (!isJsonObject(list)) return 'unusable'
  const { idx: index, uri } = list
  return isIndex(index) && typeof uri === 'string' ? { index, uri } : 'unusable'
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
