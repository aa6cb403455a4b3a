import {
  formatForm,
  isJsonObject,
  parseJsonObject,
  readBoundedText,
  type JsonObject,
} from '@countersign/protocol'
import { readRetryAfter, type KeySource } from '@countersign/verify'
import { verifyJws } from '../token/verify-jws.ts'
import type { IntrospectionSettings } from './introspection-options.ts'

/** Why an issuer gave no usable answer about a token. */
export type IntrospectionFault =
  /** Its metadata names no endpoint, or cannot be loaded. */
  | 'no_endpoint'
  /** `authorize` failed. */
  | 'authorize'
  | 'network'
  | 'timeout'
  /** It does not take the credentials of this API, or lets it not ask. */
  | 'unauthorized'
  /** It answered with another status than 200, a redirect among them. */
  | 'status'
  | 'content_type'
  | 'too_large'
  | 'not_json'
  /** It is no answer to such a question, or not signed as it must be. */
  | 'unacceptable'
  /** Too many questions are open. */
  | 'busy'

/** What came of a question. */
export type IntrospectionAnswer =
  | { readonly ok: true; readonly members: JsonObject }
  | { readonly ok: false; readonly fault: IntrospectionFault; readonly retryAfter?: number }

/** What a question needs besides the token. */
export interface Question {
  readonly settings: IntrospectionSettings
  readonly endpoint: string
  readonly issuer: string
  readonly algorithms: ReadonlySet<string>
  readonly keys: KeySource
  readonly now: () => number
  readonly signal: AbortSignal
}

/** Longest answer that is read, in bytes. */
const MAX_ANSWER = 64 * 1024
const SIGNED_TYPE = 'token-introspection+jwt'
/** How far the `iat` of a signed answer may lie from our clock, milliseconds. */
const MAX_DISTANCE = 60_000

/**
 * Asks once about one token. Never rejects.
 *
 * The token and our credentials are in the request alone: no answer, event or error holds them.
 * Source: RFC 7662 sections 2.1 to 2.3; RFC 9701 sections 4, 5 and 8.1.
 */
export async function askAboutToken(
  token: string,
  question: Question,
): Promise<IntrospectionAnswer> {
  const { settings, endpoint, signal } = question
  let authorization: string
  try {
    authorization = await settings.authorize()
  } catch {
    return failed('authorize')
  }
  try {
    const response = await settings.fetch(endpoint, {
      method: 'POST',
      headers: {
        accept: settings.signed ? `application/${SIGNED_TYPE}` : 'application/json',
        'content-type': 'application/x-www-form-urlencoded',
        authorization,
      },
      body: formatForm([
        ['token', token],
        ['token_type_hint', 'access_token'],
      ]),
      redirect: 'manual',
      signal,
    })
    const fault = faultOf(response, settings.signed)
    if (fault !== undefined) {
      response.body?.cancel().catch(() => {})
      return { ...failed(fault), retryAfter: readRetryAfter(response.headers.get('retry-after')) }
    }
    const text = await readBoundedText(response.body, MAX_ANSWER)
    if (text === undefined) return failed('too_large')
    return settings.signed ? await readSigned(text, question) : readPlain(text)
  } catch {
    return failed(signal.aborted ? 'timeout' : 'network')
  }
}

function failed(fault: IntrospectionFault): IntrospectionAnswer & { readonly ok: false } {
  return { ok: false, fault }
}

function faultOf(response: Response, signed: boolean): IntrospectionFault | undefined {
  const { status, redirected, type, headers } = response
  if (status === 401 || status === 403) return 'unauthorized'
  if (redirected || type === 'opaqueredirect' || status !== 200) return 'status'
  const [mediaType = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';', 1)
  const expected = signed ? `application/${SIGNED_TYPE}` : 'application/json'
  return mediaType.trim() === expected ? undefined : 'content_type'
}

function readPlain(text: string): IntrospectionAnswer {
  const body = parseJsonObject(text)
  return body.ok ? { ok: true, members: body.value } : failed('not_json')
}

async function readSigned(
  text: string,
  { settings, issuer, algorithms, keys, now }: Question,
): Promise<IntrospectionAnswer> {
  const verified = await verifyJws(text.trim(), { algorithms, types: [SIGNED_TYPE] }, keys)
  if (!verified.ok) return failed('unacceptable')
  const { iss, aud, iat, token_introspection: members } = verified.payload
  const isForUs =
    aud === settings.clientId || (Array.isArray(aud) && aud.includes(settings.clientId))
  const isNew = typeof iat === 'number' && Math.abs(now() - iat * 1000) <= MAX_DISTANCE
  return iss === issuer && isForUs && isNew && isJsonObject(members)
    ? { ok: true, members }
    : failed('unacceptable')
}
