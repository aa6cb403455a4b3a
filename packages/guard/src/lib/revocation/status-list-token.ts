import type { JsonObject } from '@countersign/protocol'
import { loadSigned, type Loaded } from './load-signed.ts'
import type { RenewalRequest } from './renewed-document.ts'
import type { RevocationContext } from './revocation-check.ts'
import { readStatusList, type StatusList } from './status-list.ts'

/** What a status list token says. */
export interface HeldStatusList {
  readonly statuses: StatusList
  /** Epoch seconds. */
  readonly iat: number
  /** For how long nobody need look again, milliseconds; `Infinity` where it does not say. */
  readonly ttl: number
  /** From then on it says nothing. Epoch milliseconds; `Infinity` where it does not say. */
  readonly expiresAt: number
}

const TYPE = 'statuslist+jwt'
/** How far ahead `iat` may lie, milliseconds. */
const MAX_AHEAD = 60_000
/** Characters of a token without its list: header, claims and signature, with room to spare. */
const BASE_SIZE = 16_384

/**
 * Loads a status list token, which must be signed by a key of the issuer and be about its own address.
 *
 * Redirects are not followed. One that was made before the held one does not replace it.
 * Source: draft-ietf-oauth-status-list-20 sections 5.1 and 8.1 to 8.3.
 */
export function loadStatusList(
  uri: string,
  request: RenewalRequest<HeldStatusList>,
  { maxBytes }: { readonly maxBytes: number },
  context: RevocationContext,
): Promise<Loaded<HeldStatusList>> {
  const { held } = request
  return loadSigned(uri, request, context, {
    type: TYPE,
    // What cannot be made smaller is encoded as base64url twice: in the claim, and in the token.
    maxLength: BASE_SIZE + Math.ceil((maxBytes * 16) / 9),
    async read(payload, _signer, etag) {
      const value = await readToken(uri, payload, maxBytes, context)
      if (typeof value === 'string') return { ok: false, fault: value }
      return held !== undefined && held.iat > value.iat
        ? { ok: true, value: held, etag: undefined }
        : { ok: true, value, etag }
    },
  })
}

async function readToken(
  uri: string,
  { iss, sub, iat, exp, ttl, status_list: list }: JsonObject,
  maxBytes: number,
  { issuer, now, clockTolerance }: RevocationContext,
): Promise<HeldStatusList | 'unacceptable' | 'expired'> {
  if (sub !== uri || (iss !== undefined && iss !== issuer)) return 'unacceptable'
  if (!isSpan(iat) || iat * 1000 > now() + MAX_AHEAD) return 'unacceptable'
  if (ttl !== undefined && !(isSpan(ttl) && ttl > 0)) return 'unacceptable'
  if (exp !== undefined && !isSpan(exp)) return 'unacceptable'
  const expiresAt = exp === undefined ? Infinity : exp * 1000 + clockTolerance
  if (expiresAt <= now()) return 'expired'
  const statuses = await readStatusList(list, maxBytes)
  if (statuses === undefined) return 'unacceptable'
  return { statuses, iat, ttl: ttl === undefined ? Infinity : ttl * 1000, expiresAt }
}

/** Seconds. */
function isSpan(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
