import { parseJsonObject, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { formatBase64url, readBase64url } from '../text/base64url.ts'

/** A JWS in compact form, taken apart. Its signature has not been looked at. */
export interface CompactJws {
  readonly header: JwsHeader
  /** The payload as a JSON object. */
  readonly payload: JsonObject
  /** The text that was signed: header and payload segment with the dot between. */
  readonly signingInput: string
  /** The same as bytes. */
  readonly signed: Uint8Array<ArrayBuffer>
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
  // Once for all: payload and signature are read from these bytes, and the signature is over them.
  const bytes = asciiBytes(text)
  if (bytes === undefined) return unparsed('token', 'is not base64url')
  const payload = readSegment('payload', bytes, first + 1, second)
  if (!payload.ok) return payload
  // Its bytes take the place of its text, which nobody reads again.
  const signature = bytes.subarray(second + 1)
  const length = readBase64url(bytes, second + 1, bytes.length, signature)
  if (length < 1) return unparsed('signature', 'is not base64url')
  return parsed({
    header: header.value,
    payload: payload.value,
    signingInput: text.slice(0, second),
    signed: bytes.subarray(0, second),
    signature: signature.subarray(0, length),
  })
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
/** Where tokens are cut from: memory for each would cost more than the work on it. */
let slab = new Uint8Array(0)
let used = 0
const SLAB = 4 * MAX_COMPACT_JWS
const DECODED = new Uint8Array(MAX_COMPACT_JWS)
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A header that was read, and the segment that it stood in. */
interface KnownHeader {
  readonly segment: string
  readonly header: Parsed<JwsHeader>
}

const known = new Map<string, KnownHeader>()
const MAX_KNOWN = 64
const MAX_KNOWN_SEGMENT = 512
/** Most headers are like the one before: to compare two texts takes a third of the time of a lookup. */
let last: KnownHeader | undefined

/** An issuer writes one header per key: those of a few keys are read once. */
function knownHeader(segment: string): Parsed<JwsHeader> {
  if (last?.segment === segment) return last.header
  const held = known.get(segment)
  if (held !== undefined) {
    last = held
    return held.header
  }
  const header = parseHeader(segment)
  if (!header.ok || segment.length > MAX_KNOWN_SEGMENT) return header
  if (known.size >= MAX_KNOWN) known.clear()
  // A copy: the segment alone would keep the whole token in memory.
  const copy = ` ${segment}`.slice(1)
  known.set(copy, { segment: copy, header })
  return header
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
  const bytes = asciiBytes(segment)
  return bytes === undefined
    ? unparsed(member, 'is not base64url')
    : readSegment(member, bytes, 0, bytes.length)
}

/** A text as bytes of its own; `undefined` if a character is not ASCII. */
function asciiBytes(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text
  const bytes = room(length)
  const { read, written } = ENCODER.encodeInto(text, bytes)
  return read === length && written === length ? bytes : undefined
}

function room(length: number): Uint8Array<ArrayBuffer> {
  if (length > MAX_COMPACT_JWS) return new Uint8Array(length)
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB)
    used = 0
  }
  return slab.subarray(used, (used += length))
}

/** The JSON object that stands in `bytes` from `start` to `end`, as base64url. */
function readSegment(
  member: 'header' | 'payload',
  bytes: Uint8Array,
  start: number,
  end: number,
): Parsed<JsonObject> {
  const decoded = end - start > DECODED.length ? new Uint8Array(end - start) : DECODED
  const length = readBase64url(bytes, start, end, decoded)
  if (length === -1) return unparsed(member, 'is not base64url')
  let text: string
  try {
    text = UTF8.decode(decoded.subarray(0, length))
  } catch {
    return unparsed(member, 'is not UTF-8')
  }
  const json = parseJsonObject(text)
  return json.ok ? json : unparsed(member, json.reason)
}
