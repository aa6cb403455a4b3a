import { parseJsonObject, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { formatBase64url, parseBase64url, readBase64url } from '../text/base64url.ts'

/** A JWS in compact form, taken apart. Its signature has not been looked at. */
export interface CompactJws {
  readonly header: JwsHeader
  /** The payload as a JSON object. */
  readonly payload: JsonObject
  /** The text that was signed: header and payload segment with the dot between. */
  readonly signingInput: string
  readonly signature: Uint8Array<ArrayBuffer>
}

/** The members of a JWS header that this toolkit acts on. */
export interface JwsHeader {
  readonly alg: string
  readonly kid: string | undefined
  /** In lower case, with the `application/` prefix taken off where it stands. */
  readonly typ: string | undefined
}

/** Longest compact JWS that is looked at, in characters. */
export const MAX_COMPACT_JWS = 16_384

/**
 * Takes a compact JWS apart whose payload is a JSON object, without verifying it.
 *
 * Refused: any size over `maxLength` (by default {@link MAX_COMPACT_JWS}), other than two dots, lax base64url, `crit` of any
 * kind (no extension is understood here, `b64` included), and members of the wrong type.
 * Source: RFC 7515 sections 4.1.11, 5.2 and 7.1; RFC 8725 section 3.11 for `typ`.
 */
export function parseCompactJws(
  text: string,
  maxLength: number = MAX_COMPACT_JWS,
): Parsed<CompactJws> {
  return takeApart(text, knownHeader, maxLength)
}

/**
 * Takes a compact JWS apart, its header read by `readHeader` from the text of its segment.
 *
 * For what is in the header of some kinds only; everything else is as {@link parseCompactJws} has it.
 */
export function takeApart<Header>(
  text: string,
  readHeader: (segment: string) => Parsed<Header>,
  maxLength: number = MAX_COMPACT_JWS,
): Parsed<Omit<CompactJws, 'header'> & { readonly header: Header }> {
  if (text.length > maxLength) return unparsed('token', 'is too long')
  // Dots are found, not split on: a token of ten thousand dots must not cost ten thousand strings.
  const first = text.indexOf('.')
  const second = text.indexOf('.', first + 1)
  if (first === -1 || second === -1 || text.includes('.', second + 1)) {
    return unparsed('token', 'is not a signed JWT: it has other than three parts')
  }
  const header = readHeader(text.slice(0, first))
  if (!header.ok) return header
  const payload = parseSegment('payload', text.slice(first + 1, second))
  if (!payload.ok) return payload
  const signature = parseBase64url(text.slice(second + 1))
  if (signature === undefined || signature.length === 0) {
    return unparsed('signature', 'is not base64url')
  }
  const signingInput = text.slice(0, second)
  return parsed({ header: header.value, payload: payload.value, signingInput, signature })
}

/** The text that a signer signs: `typ`, `alg` and `kid` first, then the claims. */
export function formatSigningInput(header: JsonObject, payload: JsonObject): string {
  return [header, payload]
    .map((part) => formatBase64url(ENCODER.encode(JSON.stringify(part))))
    .join('.')
}

/** A compact JWS out of the text that was signed and its signature. */
export function formatCompactJws(signingInput: string, signature: Uint8Array): string {
  return `${signingInput}.${formatBase64url(signature)}`
}

const ENCODER = new TextEncoder()
/** Bytes on their way to text: a buffer for each token would cost more than the work on it. */
const SCRATCH = new Uint8Array(MAX_COMPACT_JWS)
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

let lastSegment = ''
let lastHeader: Parsed<JwsHeader> | undefined

/** An issuer writes one header per key: the one just read is very likely the next one too. */
function knownHeader(segment: string): Parsed<JwsHeader> {
  if (lastHeader === undefined || segment !== lastSegment) {
    lastHeader = parseHeader(segment)
    lastSegment = segment
  }
  return lastHeader
}

function parseHeader(segment: string): Parsed<JwsHeader> {
  const json = parseSegment('header', segment)
  return json.ok ? toHeader(json.value) : json
}

/** The members of a header that this toolkit acts on, checked. */
export function toHeader(json: JsonObject): Parsed<JwsHeader> {
  const { alg, kid, typ } = json
  if (typeof alg !== 'string' || alg === '') return unparsed('alg', 'is missing')
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256)) {
    return unparsed('kid', 'must be a string of at most 256 characters')
  }
  if (typ !== undefined && typeof typ !== 'string') return unparsed('typ', 'must be a string')
  if ('crit' in json) return unparsed('crit', 'names an extension that is not understood')
  if ('b64' in json) return unparsed('b64', 'is not allowed in a JWT')
  return parsed({ alg, kid, typ: typ?.toLowerCase().replace(/^application\//, '') })
}

/** The JSON object of a segment. */
export function parseSegment(member: 'header' | 'payload', segment: string): Parsed<JsonObject> {
  const bytes = segment.length > SCRATCH.length ? new Uint8Array(segment.length) : SCRATCH
  const length = readBase64url(segment, bytes)
  if (length === -1) return unparsed(member, 'is not base64url')
  let text: string
  try {
    text = UTF8.decode(bytes.subarray(0, length))
  } catch {
    return unparsed(member, 'is not UTF-8')
  }
  const json = parseJsonObject(text)
  return json.ok ? json : unparsed(member, json.reason)
}
