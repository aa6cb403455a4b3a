import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { answererOf, MALFORMED, type Answer, type Answerer } from './answer.ts'
import type { Connection } from './connection.ts'
import { fromRequest } from './incoming-request.ts'
import { fromIncoming } from './node-request.ts'

/**
 * A listener for `node:http` or `node:https` that answers with `server.fetch`.
 *
 * `server` may be anything with a `fetch`, a wrapper of an authorization server included. Globals are
 * left as they are. @example `createServer(nodeListener(server)).listen(8080)`
 */
export function nodeListener(server: {
  fetch(request: Request, connection: Connection): Response | Promise<Response>
}): RequestListener {
  const answerer = answererOf(server.fetch)
  // Not loaded for requests of the usual form, which need it not: it takes as long as all the rest.
  let loading: Promise<RequestListener> | undefined
  const load = (): Promise<RequestListener> => (loading ??= webListener(server, answerer))
  if (answerer === undefined) load().catch(() => {})

  return (incoming, outgoing) => {
    const request = answerer && fromIncoming(incoming)
    if (answerer === undefined || request === undefined) {
      load().then(
        (listener) => listener(incoming, outgoing),
        () => outgoing.destroy(),
      )
      return
    }
    const connection = connectionOf(incoming)
    const answered = answerer({ request, connection })
    if (answered instanceof Promise) void answered.then((answer) => send(outgoing, answer))
    else send(outgoing, answered)
  }
}

/** A listener that makes a web-standard request of whatever comes, HTTP/2 included. */
async function webListener(
  server: Parameters<typeof nodeListener>[0],
  answerer: Answerer | undefined,
): Promise<RequestListener> {
  const { getRequestListener } = await import('@hono/node-server')
  // Tells the adapter that the answer has gone out.
  const sent = new Response(null, { headers: { 'x-hono-already-sent': 'true' } })
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      // HTTP/1 and HTTP/2 messages take the same calls; their types only do not overlap.
      const connection = connectionOf(incoming as IncomingMessage)
      if (answerer === undefined) return server.fetch(request, connection)
      send(
        outgoing as ServerResponse,
        await answerer({ request: fromRequest(request), connection }),
      )
      return sent
    },
    {
      overrideGlobalObjects: false,
      errorHandler: () =>
        new Response(MALFORMED.body, { status: MALFORMED.status, headers: MALFORMED.headers }),
    },
  )
  return (incoming, outgoing) => void listener(incoming, outgoing)
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  // What is left of a late body would be read for nothing, as slowly as before.
  if (status === 408) outgoing.shouldKeepAlive = false
  const length = Buffer.byteLength(body)
  outgoing.writeHead(status, headerLines(headers, status === 304 ? undefined : length))
  // ASCII is the same in both, and one byte a character is written quicker.
  outgoing.end(body, length === body.length ? 'latin1' : 'utf8')
}

/** Names and values in one list, which node:http takes over as it is. */
function headerLines(
  headers: Readonly<Record<string, string>>,
  // Of 304 the length would be that of the body it stands for.
  length: number | undefined,
): string[] {
  const lines: string[] = []
  for (const name of Object.keys(headers)) lines.push(name, headers[name] ?? '')
  if (length !== undefined) lines.push('content-length', String(length))
  return lines
}

function connectionOf({ socket }: IncomingMessage): Connection {
  return {
    remoteAddress: socket.remoteAddress,
    peerCertificate() {
      // The other end may have presented one that no authority vouches for: that is for the one who asks.
      const { getPeerX509Certificate: read } = socket as Partial<TLSSocket>
      return read?.call(socket as TLSSocket)?.raw
    },
    peerCertificateAuthorized: () => (socket as Partial<TLSSocket>).authorized === true,
  }
}
