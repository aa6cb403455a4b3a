import { parsed, unparsed, type Parsed } from '../parsed.ts'
import { decodeFormText } from './form.ts'

/**
 * How a client identifier and secret are written into a Basic header.
 *
 * `form` is what RFC 6749 section 2.3.1 asks for: each is form-encoded first. `raw` is what many
 * servers expect instead: the two as they are, as in RFC 7617.
 */
export type BasicEncoding = 'form' | 'raw'

/** A client identifier and its secret. */
export interface BasicCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * The value of an `Authorization` header with Basic credentials.
 *
 * The `form` encoding leaves the unreserved characters `A-Z a-z 0-9 - . _ ~` as they are, so that
 * ordinary credentials come out the same for servers that decode and servers that do not.
 *
 * Throws: `RangeError` for `raw` where the identifier holds a colon, which no reader could tell
 * from the separator. Source: RFC 6749 section 2.3.1 and appendix B; RFC 7617 section 2.
 */
export function formatBasicCredentials(
  { clientId, clientSecret }: BasicCredentials,
  encoding: BasicEncoding = 'form',
): string {
  if (encoding === 'raw' && clientId.includes(':')) {
    throw new RangeError('a client identifier with a colon cannot be sent as raw Basic credentials')
  }
  const encode = encoding === 'raw' ? (text: string): string => text : encodeFormText
  return `Basic ${encodeBase64(`${encode(clientId)}:${encode(clientSecret)}`)}`
}

/**
 * Reads Basic credentials out of an `Authorization` header's value.
 *
 * `member` of a refusal is always `authorization`. An empty secret is accepted here: whether it is
 * right is for the caller's comparison to say. Source: RFC 6749 section 2.3.1; RFC 7617 section 2.
 */
export function parseBasicCredentials(
  authorization: string,
  encoding: BasicEncoding = 'form',
): Parsed<BasicCredentials> {
  const match = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization)
  if (match === null) return unparsed('authorization', 'is not a Basic header')
  const text = decodeBase64(match[1] ?? '')
  if (text === undefined)
    return unparsed('authorization', 'Basic credentials are not base64 of UTF-8')
  const colon = text.indexOf(':')
  if (colon === -1) return unparsed('authorization', 'Basic credentials have no colon')
  const decode = encoding === 'raw' ? (part: string): string => part : decodeFormText
  const clientId = decode(text.slice(0, colon))
  const clientSecret = decode(text.slice(colon + 1))
  if (clientId === undefined || clientSecret === undefined) {
    return unparsed('authorization', 'Basic credentials hold a broken percent escape')
  }
  if (clientId === '')
    return unparsed('authorization', 'Basic credentials have no client identifier')
  return parsed({ clientId, clientSecret })
}

/** Whether both encodings give the same header, so that the choice cannot matter. */
export function isEncodingNeutral({ clientId, clientSecret }: BasicCredentials): boolean {
  return /^[A-Za-z0-9\-._~]*$/.test(clientId + clientSecret)
}

function encodeFormText(text: string): string {
  return encodeURIComponent(text)
    .replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

function encodeBase64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function decodeBase64(base64: string): string | undefined {
  try {
    const binary = atob(base64)
    // ASCII is its own UTF-8, and nearly all credentials are ASCII: decoding would cost 30 times as much.
    if (/^[\0-\x7f]*$/.test(binary)) return binary
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0))
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
