import type { JsonObject } from '@countersign/protocol'
import { fetchText, type VerificationKey } from '@countersign/verify'
import { verifyJws } from '../token/verify-jws.ts'
import type { Renewal, RenewalRequest } from './renewed-document.ts'
import type { RevocationContext } from './revocation-check.ts'

/** A document and the entity tag it came with. */
interface Tagged<T> {
  readonly ok: true
  readonly value: T
  readonly etag: string | undefined
}

/** What a load came to. */
export type Loaded<T> = Tagged<T> | (Renewal<T> & { readonly ok: false })

/**
 * Loads a JWT of a type that a key of the issuer must have signed, and has it read. What is held stands
 * where the server says that it has not changed. Redirects are not followed.
 */
export async function loadSigned<T>(
  url: string,
  { held, etag, signal }: RenewalRequest<T>,
  { keys, algorithms, fetch }: RevocationContext,
  {
    type,
    maxLength,
    read,
  }: {
    /** `typ`, and the media type below `application/`. */
    readonly type: string
    /** In characters, which are bytes here. */
    readonly maxLength: number
    readonly read: (
      payload: JsonObject,
      signer: VerificationKey,
      etag: string | undefined,
    ) => Promise<Loaded<T>>
  },
): Promise<Loaded<T>> {
  const accept = `application/${type}`
  const fetched = await fetchText(url, {
    fetch,
    accept,
    isWanted: (mediaType) => mediaType === accept,
    maxBytes: maxLength,
    signal,
    etag,
  })
  if (fetched.body === undefined) {
    return held === undefined
      ? { ok: false, fault: 'unacceptable' }
      : { ok: true, value: held, etag }
  }
  const jws = await verifyJws(fetched.body.trim(), { algorithms, types: [type], maxLength }, keys)
  if (jws.ok) return read(jws.payload, jws.signer, fetched.etag)
  if (jws.reason === 'keys_unavailable') {
    return { ok: false, fault: 'keys', retryAfter: jws.retryAfter ?? 0 }
  }
  const isForged = jws.reason === 'bad_signature' || jws.reason === 'unknown_key'
  return { ok: false, fault: isForged ? 'signature' : 'unacceptable' }
}
