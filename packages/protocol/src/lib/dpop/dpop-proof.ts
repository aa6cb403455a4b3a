import { parseSegment, takeApart, toHeader, type JwsHeader } from '../jose/compact-jws.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { isJsonObject, type JsonObject } from '../text/json-object.ts'

/** The `typ` of a proof's header. Source: RFC 9449 section 4.2. */
export const DPOP_PROOF_TYPE = 'dpop+jwt'

/** A DPoP proof, taken apart. Nothing of it has been verified. */
export interface DpopProof {
  readonly alg: string
  /** In lower case, with the `application/` prefix taken off where it stands. */
  readonly typ: string | undefined
  /** The key in the header, as it came. It may hold a private half: look. */
  readonly jwk: JsonObject
  readonly jti: string
  readonly htm: string
  readonly htu: string
  /** Seconds since the epoch, with fractions where the client sent them. */
  readonly iat: number
  readonly ath: string | undefined
  readonly nonce: string | undefined
  readonly signingInput: string
  readonly signature: Uint8Array<ArrayBuffer>
}

/** Longest proof that is looked at, in characters: one of ML-DSA-65 has some 8,300. */
export const MAX_DPOP_PROOF = 12_288

/**
 * Takes a DPoP proof apart, without verifying it: one well-formed JWT with a key in its header and
 * the claims that every proof has.
 *
 * Source: RFC 9449 sections 4.2 and 4.3, checks 2 and 3.
 */
export function parseDpopProof(text: string): Parsed<DpopProof> {
  if (text.length > MAX_DPOP_PROOF) return unparsed('proof', 'is too long')
  const jws = takeApart(text, parseProofHeader)
  if (!jws.ok) return jws
  const { header, payload, signingInput, signature } = jws.value
  const { jti, htm, htu, iat, ath, nonce } = payload
  if (typeof jti !== 'string' || jti === '') return unparsed('jti', 'is missing')
  if (typeof htm !== 'string' || htm === '') return unparsed('htm', 'is missing')
  if (typeof htu !== 'string' || htu === '') return unparsed('htu', 'is missing')
  if (typeof iat !== 'number' || !(iat >= 0 && iat <= LAST_DATE)) {
    return unparsed('iat', 'is not a date in seconds')
  }
  if (ath !== undefined && typeof ath !== 'string') return unparsed('ath', 'must be a string')
  if (nonce !== undefined && typeof nonce !== 'string') return unparsed('nonce', 'must be a string')
  const { alg, typ, jwk } = header
  return parsed({ alg, typ, jwk, jti, htm, htu, iat, ath, nonce, signingInput, signature })
}

/** The end of the year 9999: what is beyond it is no date, and soon no number. */
const LAST_DATE = 253_402_300_799

/** A client's header is the same each time, but every client has another: none is kept. */
function parseProofHeader(
  segment: string,
): Parsed<Pick<JwsHeader, 'alg' | 'typ'> & { readonly jwk: JsonObject }> {
  const json = parseSegment('header', segment)
  if (!json.ok) return json
  const header = toHeader(json.value)
  if (!header.ok) return header
  const { jwk } = json.value
  if (!isJsonObject(jwk)) return unparsed('jwk', 'is not an object')
  return parsed({ alg: header.value.alg, typ: header.value.typ, jwk })
}
