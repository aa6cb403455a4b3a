import { isJsonObject, type JsonObject } from '../text/json-object.ts'
import { parsed, unparsed, type Parsed } from '../parsed.ts'

/** Error codes a token endpoint may answer with. Source: RFC 6749 section 5.2; RFC 8707 section 2; RFC 9396 section 5. */
export const TOKEN_ERROR_CODES = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'invalid_dpop_proof',
  'use_dpop_nonce',
  'invalid_authorization_details',
] as const

/** One of {@link TOKEN_ERROR_CODES}. */
export type TokenErrorCode = (typeof TOKEN_ERROR_CODES)[number]

/** An OAuth error as it stands on the wire, from any server: the code may be one nobody registered. */
export interface ErrorResponse {
  readonly error: string
  readonly description: string | undefined
  readonly uri: string | undefined
  /** By what the operator of the server finds the refusal; no standard, and many servers send it. */
  readonly correlationId?: string | undefined
}

/** Longest description kept from a peer. What is longer is cut: it ends in logs and messages. */
const MAX_DESCRIPTION = 300

/**
 * Reads the error members of a JSON answer.
 *
 * Characters outside the sets of RFC 6749 section 5.2 are dropped from `error_description` and
 * `error_uri`, and long ones are cut, so that a server cannot write into our logs as it likes.
 */
export function parseErrorResponse(body: unknown): Parsed<ErrorResponse> {
  if (!isJsonObject(body)) return unparsed('body', 'JSON is not an object')
  const error = body['error']
  if (typeof error !== 'string' || !/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}$/.test(error)) {
    return unparsed('error', 'is missing or not an error code')
  }
  return parsed({
    error,
    description: cleanText(body['error_description']),
    uri: cleanText(body['error_uri']),
    correlationId: identifier(body['correlation_id']),
  })
}

/** The JSON members of an error answer. */
export function formatErrorResponse(response: ErrorResponse): JsonObject {
  return {
    error: response.error,
    ...(response.description !== undefined && { error_description: response.description }),
    ...(response.uri !== undefined && { error_uri: response.uri }),
    ...(response.correlationId !== undefined && { correlation_id: response.correlationId }),
  }
}

function identifier(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w-]{8,64}$/.test(value) ? value : undefined
}

function cleanText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const text = value.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]+/g, ' ').trim()
  return text === '' ? undefined : text.slice(0, MAX_DESCRIPTION).trim()
}
