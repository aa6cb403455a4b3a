import type { GuardRequest } from '../guard/guard-request.ts'
import type { Allowed } from '../verdict/verdict.ts'
import { allowedHeaders } from './allowed-headers.ts'
import type { Answer } from './answer.ts'

/** What is read of a node:http request. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[]
  /** The whole target where a router has cut `url`, as Express does. */
  readonly originalUrl?: string
  readonly socket?: { readonly remoteAddress?: string | undefined } | undefined
}

/** What is used of a node:http response. */
export interface NodeResponse {
  statusCode: number
  readonly headersSent: boolean
  setHeader(name: string, value: string): unknown
  end(body: string): unknown
}

/**
 * A node:http request as a guard reads it.
 *
 * Reads the raw headers: `request.headers` keeps the first of two `Authorization` lines and hides
 * the other, where a guard must see and refuse both. `url` is the whole target where a router has cut
 * that of the request. Source: RFC 9110 section 5.3.
 */
export function toGuardRequest(
  request: NodeRequest,
  url: string | undefined = request.originalUrl,
): GuardRequest {
  const { method = 'GET', rawHeaders, socket } = request
  const headers = { get: (name: string): string | null => rawHeader(rawHeaders, name) }
  return { method, url: url ?? request.url ?? '/', headers, socket }
}

/** Answers a request, unless it has been answered meanwhile, by a time limit for example. */
export function sendAnswer(response: NodeResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) return
  response.statusCode = status
  for (const [name, value] of headers) response.setHeader(name, value)
  response.end(body)
}

/** Sets what the verdict wants in the answer, unless it has been sent meanwhile. */
export function setAllowedHeaders(response: NodeResponse, verdict: Allowed): void {
  if (verdict.headers === undefined || response.headersSent) return
  for (const [name, value] of allowedHeaders(verdict)) response.setHeader(name, value)
}

function rawHeader(rawHeaders: readonly string[], name: string): string | null {
  let joined: string | null = null
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const candidate = rawHeaders[index]
    if (candidate?.length !== name.length || candidate.toLowerCase() !== name) continue
    const value = rawHeaders[index + 1] ?? ''
    joined = joined === null ? value : `${joined}, ${value}`
  }
  return joined
}
