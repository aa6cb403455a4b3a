import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { Readable } from 'node:stream'

/** A request that a loopback server received, kept for the test to look at. */
export interface ReceivedRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: Headers
  readonly body: string
}

/** A real HTTP server on a loopback port. */
export interface LoopbackServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`, no trailing slash. */
  readonly origin: string
  /** Every request so far, in order of arrival. Empty for a server started with a raw listener. */
  readonly requests: readonly ReceivedRequest[]
  /** Stops listening and cuts open connections. Repeats are harmless. */
  close(): Promise<void>
}

/** Answers one request; what it throws is answered with 500 and fails nothing else. */
export type LoopbackHandler = (
  request: Request,
  received: ReceivedRequest,
) => Response | Promise<Response>

/**
 * Starts a server on `127.0.0.1` that answers with `handler` and remembers what it was asked.
 *
 * The port is chosen by the system, or is `port` where a test must come back to the same address.
 */
export async function startLoopbackServer(
  handler: LoopbackHandler,
  { port = 0 }: { readonly port?: number } = {},
): Promise<LoopbackServer> {
  const requests: ReceivedRequest[] = []
  const server = createServer((incoming, outgoing) => {
    void (async () => {
      const received = await receive(incoming).catch(() => undefined)
      // Whoever asked has left in the middle: there is nobody to answer.
      if (received === undefined) return
      requests.push(received)
      const response = await answer(handler, incoming, received)
      // `Response.error()` stands for no answer at all.
      if (response.status === 0) {
        outgoing.destroy()
        return
      }
      outgoing.writeHead(response.status, [...response.headers].flat())
      if (response.body === null) outgoing.end()
      else
        Readable.fromWeb(response.body as never)
          .on('error', () => outgoing.destroy())
          .pipe(outgoing)
    })()
  })
  return listening(server, port, requests)
}

/** Starts a server on `127.0.0.1` with a node:http listener, for what `Response` cannot say. */
export async function startListener(
  listener: RequestListener,
  { port = 0 }: { readonly port?: number } = {},
): Promise<LoopbackServer> {
  return listening(createServer(listener), port, [])
}

async function answer(
  handler: LoopbackHandler,
  incoming: IncomingMessage,
  received: ReceivedRequest,
): Promise<Response> {
  try {
    return await handler(toRequest(incoming, received), received)
  } catch (error) {
    return new Response(String(error), { status: 500 })
  }
}

async function listening(
  server: Server,
  port: number,
  requests: readonly ReceivedRequest[],
): Promise<LoopbackServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve())
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function receive(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const headers = new Headers()
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '')
  }
  let body = ''
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk as string
  return { method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers, body }
}

function toRequest(incoming: IncomingMessage, received: ReceivedRequest): Request {
  const url = new URL(received.path, `http://${incoming.headers.host ?? '127.0.0.1'}`)
  const bodiless = received.method === 'GET' || received.method === 'HEAD'
  return new Request(url, {
    method: received.method,
    headers: received.headers,
    body: bodiless ? null : received.body,
  })
}
