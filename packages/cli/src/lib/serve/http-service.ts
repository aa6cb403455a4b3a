import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SERVER_LIMITS } from '@countersign/server/node'
import { CommandFailure } from '../errors/command-failure.ts'

// An import statement reads every export, and those of node:http that lead to fetch and WebSocket load
// them: 11 MB, and as long as all the rest of the start.
const { createServer } = process.getBuiltinModule('node:http')

/** A listener on a port. */
export interface HttpService {
  /** The port it has: the chosen one where 0 was asked for. */
  readonly port: number
  /** Takes requests from now on; those before this call wait in the socket. */
  serve(listener: RequestListener): void
  /**
   * Stops accepting and lets what runs finish, for at most `grace` milliseconds; then cuts.
   */
  stop(grace: number): Promise<void>
}

/**
 * Opens a port. Throws: `CommandFailure` (configuration) where it is taken or may not be had.
 */
export async function openHttpService({
  host,
  port,
  option,
}: {
  readonly host: string
  readonly port: number
  /** The option that chooses the port, for the cure. */
  readonly option: string
}): Promise<HttpService> {
  const server = createServer(SERVER_LIMITS)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(cannotListen(error, { host, port, option }))
    })
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    serve: (listener) => void server.on('request', listener),
    stop: (grace) =>
      new Promise((resolve) => {
        // Connections kept alive become idle one by one as their last answer goes out.
        const sweep = setInterval(() => server.closeIdleConnections(), 25)
        const cut = setTimeout(() => server.closeAllConnections(), grace)
        server.close(() => {
          clearInterval(sweep)
          clearTimeout(cut)
          resolve()
        })
      }),
  }
}

function cannotListen(
  error: NodeJS.ErrnoException,
  { host, port, option }: { readonly host: string; readonly port: number; readonly option: string },
): CommandFailure {
  const { code } = error
  if (code === 'EADDRINUSE') {
    return new CommandFailure('configuration', `port ${port} on ${host} is taken`, {
      code: 'port_taken',
      cure: `Stop what listens there, or choose another port: ${option} 0 takes any that is free`,
      cause: error,
    })
  }
  return new CommandFailure('configuration', `cannot listen on ${host}:${port} (${code})`, {
    cure:
      code === 'EACCES'
        ? `Choose a port over 1023: ${option} 8460`
        : 'Give the name or address of this machine: --host 127.0.0.1',
    cause: error,
  })
}
