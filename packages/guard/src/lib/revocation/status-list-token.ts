import type { JsonObject } from '@countersign/protocol'
import { fetchText } from '@countersign/verify'
import { verifyJws } from '../token/verify-jws.ts'
import type { Renewal, RenewalRequest } from './renewed-document.ts'
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

type LoadedStatusList =
  | { readonly ok: true; readonly value: HeldStatusList; readonly etag: string | undefined }
  | (Renewal<HeldStatusList> & { readonly ok: false })

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
export async function loadStatusList(
  uri: string,
  { held, etag, signal }: RenewalRequest<HeldStatusList>,
  { maxBytes }: { readonly maxBytes: number },
  context: RevocationContext,
): Promise<LoadedStatusList> {
  const { keys, algorithms, fetch } = context
  // What cannot be made smaller is encoded as base64url twice: in the claim, and in the token.
  const maxLength = BASE_SIZE + Math.ceil((maxBytes * 16) / 9)
  const fetched = await fetchText(uri, {
    fetch,
    accept: `application/${TYPE}`,
    isWanted: (mediaType) => mediaType === `application/${TYPE}`,
    maxBytes: maxLength,
    signal,
    etag,
  })
  if (fetched.body === undefined) {
    return held === undefined
      ? { ok: false, fault: 'unacceptable' }
      : { ok: true, value: held, etag }
  }
  const jws = await verifyJws(fetched.body.trim(), { algorithms, types: [TYPE], maxLength }, keys)
  if (!jws.ok) {
    if (jws.reason === 'keys_unavailable') {
      return { ok: false, fault: 'keys', retryAfter: jws.retryAfter ?? 0 }
    }
    const isForged = jws.reason === 'bad_signature' || jws.reason === 'unknown_key'
    return { ok: false, fault: isForged ? 'signature' : 'unacceptable' }
  }
  const value = await readToken(uri, jws.payload, maxBytes, context)
  if (typeof value === 'string') return { ok: false, fault: value }
  return held !== undefined && held.iat > value.iat
    ? { ok: true, value: held, etag: undefined }
    : { ok: true, value, etag: fetched.etag }
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
