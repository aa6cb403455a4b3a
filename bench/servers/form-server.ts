import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A JSON answer; no body for what is refused. */
export interface FormAnswer {
  readonly status: number
  readonly body: string
}

/** Answers the form of a request. */
export type FormHandler = (
  request: IncomingMessage,
  form: URLSearchParams,
) => FormAnswer | Promise<FormAnswer>

/**
 * The barest server on node:http that reads forms and writes JSON: what the floor and the peers that
 * are toolkits stand on. A framework would only slow them down. Gives its port once it listens.
 */
export async function serveForms(handler: FormHandler, tls?: ServerOptions): Promise<number> {
  return listen((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const answered = handler(request, new URLSearchParams(body))
      if (!(answered instanceof Promise)) {
        write(answered)
        return
      }
      answered.then(write, () => response.writeHead(500).end())
    })

    function write({ status, body: text }: FormAnswer): void {
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        pragma: 'no-cache',
        'content-length': Buffer.byteLength(text),
      })
      response.end(text)
    }
  }, tls)
}

/** Listens on a loopback port, which it gives. Connections stay open longer than a round takes. */
export async function listen(listener: RequestListener, tls?: ServerOptions): Promise<number> {
  const options = { keepAliveTimeout: 60_000 }
  const server =
    tls === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, ...tls }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
