import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { readFileSync } from 'node:fs'
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
export async function serveForms(handler: FormHandler): Promise<number> {
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
  })
}

/**
 * Listens on a loopback port, which it gives. Connections stay open longer than a round takes. Speaks
 * TLS where `BENCH_TLS` names a file with a key and its certificate.
 */
export async function listen(listener: RequestListener): Promise<number> {
  const options = { keepAliveTimeout: 60_000 }
  const file = process.env['BENCH_TLS']
  const pem = file === undefined ? undefined : readFileSync(file)
  const server =
    pem === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, key: pem, cert: pem }, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
