import { isJsonObject, parseBase64url } from '@countersign/protocol'
import { inflateZlib } from './inflate-zlib.ts'

/** Statuses of many tokens, by index. Holds no token and nothing out of one. */
export interface StatusList {
  /** The status at a place, 0 to 255; `undefined` where the list has no such place. */
  at(index: number): number | undefined
}

/**
 * The list in the claim `status_list` of a status list token.
 *
 * Statuses of 1, 2, 4 or 8 bits lie side by side, the first in the lowest bits of the first byte.
 * Source: draft-ietf-oauth-status-list-20 sections 4.1 and 4.2.
 */
export async function readStatusList(
  claim: unknown,
  maxBytes: number,
): Promise<StatusList | undefined> {
  if (!isJsonObject(claim)) return undefined
  const { bits, lst } = claim
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) return undefined
  const deflated = typeof lst === 'string' ? parseBase64url(lst) : undefined
  const bytes = deflated && (await inflateZlib(deflated, maxBytes))
  if (bytes === undefined) return undefined
  const perByte = 8 / bits
  const mask = 2 ** bits - 1
  return {
    at(index) {
      const byte = bytes[Math.floor(index / perByte)]
      return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & mask
    },
  }
}
