import { readFile } from 'node:fs/promises'
import { createClient } from '@countersign/client'
import { parseSecureUrl } from '@countersign/protocol'
import type { Call } from '../command.ts'
import { CommandFailure, usageFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { printable } from '../text/printable.ts'
import { apiFailure } from './api-failure.ts'
import { clientOptions } from './client-options.ts'

/**
 * `countersign fetch`: one call, its answer on standard output as it comes in.
 *
 * Throws: as the client does, and `CommandFailure` where the API answers with a failure, after the
 * answer has been printed.
 */
export async function callApi(call: Call): Promise<number> {
  const { arguments: given, json } = call
  const url = parseSecureUrl('URL', given.operands[0])
  if (!url.ok) throw usageFailure(`the URL ${url.reason}`, 'Give the whole URL, https and all')
  const options = clientOptions(call)
  const init = await requestInit(call)
  await using client = createClient(options)
  // First and by itself, so that a token server that is down is not taken for an API that is down.
  await client.getToken()
  const response = await answerOf(client.fetch(url.value, init), url.value)
  const { origin } = url.value
  if (json) await printJson(call, response, origin)
  else await printAnswer(call, response, origin)
  if (!response.ok) throw await apiFailure(response)
  return EXIT_CODES.ok.code
}

async function requestInit(call: Call): Promise<RequestInit> {
  const { arguments: given } = call
  const headers = new Headers()
  for (const line of given.list('header')) {
    const colon = line.indexOf(':')
    try {
      headers.append(line.slice(0, Math.max(0, colon)).trim(), line.slice(colon + 1).trim())
    } catch {
      throw usageFailure('--header is no header', "Write it as --header 'name: text'")
    }
  }
  const data = given.text('data')
  const method = given.text('request')?.toUpperCase() ?? (data === undefined ? 'GET' : 'POST')
  if (!METHOD.test(method))
    throw usageFailure(
      '--request is no method that can be sent',
      'Write one word: -X PUT. CONNECT and TRACE are not sent',
    )
  if (data === undefined) return { method, headers }
  if (method === 'GET' || method === 'HEAD') {
    throw usageFailure(`a ${method} has no body`, 'Leave out --data, or --request')
  }
  const body = await bytesOf(call, data)
  if (!headers.has('content-type')) headers.set('content-type', mediaType(body))
  return { method, headers, body }
}

/** What `fetch` sends. Source: RFC 9110 section 9.1; Fetch, forbidden methods. */
const METHOD = /^(?!(?:CONNECT|TRACE|TRACK)$)[!#$%&'*+\-.^_`|~0-9A-Z]+$/

async function bytesOf({ io }: Call, data: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!data.startsWith('@')) return new TextEncoder().encode(data)
  return new Uint8Array(data === '@-' ? await io.readStdin() : await readFile(data.slice(1)))
}

function mediaType(body: Uint8Array): string {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return 'application/json'
  } catch {
    return 'application/x-www-form-urlencoded'
  }
}

/** The API's answer; a network that fails is told in our words, without what the platform adds. */
async function answerOf(answer: Promise<Response>, { origin }: URL): Promise<Response> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof TypeError) || 'option' in error) throw error
    const { code } = (error.cause ?? {}) as { readonly code?: unknown }
    const why = typeof code === 'string' ? ` (${printable(code)})` : ''
    throw new CommandFailure('unreachable', `the API at ${origin} could not be reached${why}`, {
      code: 'api_unreachable',
      cure: 'Check that it runs and that the address is right',
      cause: error,
    })
  }
}

/** The body as it comes in. Throws: `CommandFailure` (unreachable) where it ends before its end. */
async function* bodyOf(
  { body }: Response,
  origin: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    yield* body ?? []
  } catch (error) {
    throw new CommandFailure('unreachable', `the API at ${origin} broke off its answer`, {
      code: 'api_broke_off',
      cure: 'Try again; if it goes on, look at the API and at the proxies before it',
      cause: error,
    })
  }
}

async function printAnswer(
  { arguments: given, io }: Call,
  response: Response,
  origin: string,
): Promise<void> {
  if (given.flag('include')) {
    const headers = Array.from(
      response.headers,
      ([name, value]) => `${name}: ${printable(value)}\n`,
    )
    io.stdout(`${response.status} ${printable(response.statusText)}\n${headers.join('')}\n`)
  }
  let last = LINE_FEED
  for await (const chunk of bodyOf(response, origin)) {
    io.stdout(chunk)
    last = chunk.at(-1) ?? last
  }
  // On a terminal the prompt that follows belongs on a line of its own.
  if (io.isTTY && last !== LINE_FEED) io.stdout('\n')
}

const LINE_FEED = 0x0a

async function printJson({ io }: Call, response: Response, origin: string): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of bodyOf(response, origin))
    text += decoder.decode(chunk, { stream: true })
  text += decoder.decode()
  const members = {
    status: response.status,
    status_text: response.statusText,
    headers: Object.fromEntries(response.headers),
    body: jsonOrText(text),
  }
  io.stdout(`${JSON.stringify(members)}\n`)
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
