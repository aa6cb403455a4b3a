import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { HostileMessage, HostileRequest } from './hostile-case.ts'

/** The head of an answer. */
export interface WireAnswer {
  readonly status: number
  /** By lower-case name; several of one name joined by `, `. */
  readonly headers: ReadonlyMap<string, string>
}

/** Longest head of an answer that is read, in bytes. */
const MAX_HEAD = 65_536

/** A request as text. Its headers go out as they are, in their order, twice where they stand twice. */
export function toMessage(
  url: URL,
  method: string,
  { query, headers, body }: HostileRequest,
): string {
  const target = [url.pathname, [url.search.slice(1), query].filter(Boolean).join('&')]
  const names = new Set(headers.map(([name]) => name.toLowerCase()))
  const lines = [
    `${method} ${target.filter(Boolean).join('?')} HTTP/1.1`,
    ...(names.has('host') ? [] : [`Host: ${url.host}`]),
    'Connection: close',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body === undefined ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/** How an API is reached. */
export interface WireOptions {
  /** Milliseconds for an answer. */
  readonly timeout: number
  /** Certificates, in PEM, of the authorities that are trusted in place of those of the runtime. */
  readonly ca?: string | undefined
}

/**
 * Sends a message on a connection of its own and reads the head of the answer; `undefined` where there
 * is none within the time, or none that is HTTP.
 */
export function exchange(
  url: URL,
  { message }: HostileMessage,
  { timeout, ca }: WireOptions,
): Promise<WireAnswer | undefined> {
  const { promise, resolve } = Promise.withResolvers<WireAnswer | undefined>()
  const socket = open(url, ca)
  let head = ''
  const timer = setTimeout(end, timeout)

  function end(): void {
    clearTimeout(timer)
    socket.destroy()
    resolve(parseHead(head))
  }

  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    head += chunk
    if (parseHead(head) !== undefined || head.length > MAX_HEAD) end()
  })
  socket.on('error', end)
  socket.on('close', end)
  // `end` would say that no more comes: some servers take that for a caller who has left.
  socket.write(message, 'utf8')
  return promise
}

function open({ protocol, hostname, port }: URL, ca: string | undefined): Socket {
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol !== 'https:') return connect({ host, port: Number(port || 80) })
  return connectTls({
    host,
    port: Number(port || 443),
    ALPNProtocols: ['http/1.1'],
    // RFC 6066 section 3: an address is no server name.
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
  })
}

/** The head of the first answer that is no interim one. */
function parseHead(text: string): WireAnswer | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return undefined
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(start)?.[1])
  if (status >= 100 && status < 200) return parseHead(text.slice(end + 4))
  if (!(status >= 200)) return undefined
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return { status, headers }
}
