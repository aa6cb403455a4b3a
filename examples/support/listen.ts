import { createServer, type RequestListener } from 'node:http'

/** A server on a loopback port. */
export interface LocalServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`. */
  readonly origin: string
  /** Puts another listener in place. */
  answer(listener: RequestListener): void
}

/** Serves `listener` on 127.0.0.1, on a port the system chooses, until it is disposed of. */
export async function listen(listener: RequestListener = () => {}): Promise<LocalServer> {
  let current = listener
  const server = createServer((request, response) => current(request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no TCP address')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    answer(next) {
      current = next
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
