import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { gathering } from '@countersign/verify'
import { ProtocolError } from '../protocol-error.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { IncomingRequest } from './incoming-request.ts'

/**
 * A message of node:http as endpoints read it, without making a `Request` of it: that costs as much as
 * the signature of a token.
 *
 * `undefined` for what is not the usual form of HTTP/1.1, which is for others to look at: a target that
 * is no path, a Host that is missing or strange.
 */
export function fromIncoming(incoming: IncomingMessage): IncomingRequest | undefined {
  const { method, url, headers, socket } = incoming
  const { host } = headers
  if (incoming.httpVersionMajor !== 1 || method === undefined) return undefined
  if (url === undefined || !url.startsWith('/') || host === undefined) return undefined
  if (!/^[\w.-]+(?::\d{1,5})?$|^\[[\da-fA-F:.]+\](?::\d{1,5})?$/.test(host)) return undefined
  const scheme = (socket as Partial<TLSSocket>).encrypted === true ? 'https' : 'http'
  return {
    method,
    url: `${scheme}://${host}${url}`,
    headers: {
      get: (name) => headerOf(incoming.rawHeaders, name),
      has: (name) => headerOf(incoming.rawHeaders, name) !== null,
    },
    readText: (maxBytes, timeout) => readText(incoming, maxBytes, timeout),
  }
}

/**
 * A header out of node's list of names and values. `IncomingMessage.headers` keeps the first of several
 * that must be one: here a second `Authorization` or `DPoP` shows, so that it is refused.
 */
function headerOf(raw: readonly string[], name: string): string | null {
  let found: string | null = null
  for (let at = 0; at < raw.length; at += 2) {
    const one = raw[at]
    if (one?.length !== name.length || (one !== name && one.toLowerCase() !== name)) continue
    const value = raw[at + 1] ?? ''
    found = found === null ? value : `${found}, ${value}`
  }
  return found
}

/** One promise, and no listener that must be taken off again: this is done for every token. */
function readText(incoming: IncomingMessage, maxBytes: number, timeout: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    let isSettled = false
    function refuse(reason: RefusalReason): void {
      if (isSettled) return
      settle()
      reject(new ProtocolError(reason))
    }
    function settle(): void {
      isSettled = true
      clearTimeout(timer)
    }
    const timer = setTimeout(refuse, timeout, 'body_late')
    incoming.on('data', (chunk: Buffer) => {
      length += chunk.length
      // What is left of it is thrown away by node once the answer is out.
      if (length > maxBytes) refuse('body_too_large')
      else chunks.push(chunk)
    })
    incoming.on('end', () => {
      if (isSettled) return
      settle()
      const text = textOf(chunks)
      const others = gather()
      if (others === undefined) resolve(text)
      else void others.then(() => resolve(text))
    })
    // Comes after an error too, which node keeps to itself where nobody listens for it.
    incoming.on('close', () => refuse('body_unreadable'))
  })
}

/**
 * One for all listeners: their requests arrive at the same event loop. A token takes long enough for two
 * to gain by it.
 */
const gather = gathering({ crowd: 2 })

function textOf(chunks: readonly Buffer[]): string {
  const [only, ...more] = chunks
  if (only === undefined) return ''
  return (more.length === 0 ? only : Buffer.concat(chunks)).toString()
}
