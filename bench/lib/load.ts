import { connect, type Socket } from 'node:net'

/** What a burst of load came to. */
export interface LoadResult {
  readonly answers: number
  /** Answers other than 200. */
  readonly failures: number
  readonly milliseconds: number
}

/**
 * Sends the same request over keep-alive connections, one at a time on each, for a while.
 *
 * Writes to raw sockets: an HTTP client of our own would be busier than the servers under test.
 * The server must answer with `Content-Length`.
 */
export async function load(
  port: number,
  request: string,
  { connections, milliseconds }: { readonly connections: number; readonly milliseconds: number },
): Promise<LoadResult> {
  const bytes = Buffer.from(request, 'latin1')
  const start = performance.now()
  const end = start + milliseconds
  const all = Array.from({ length: connections }, () => drive(port, bytes, end))
  const counts = await Promise.all(all)
  return {
    answers: counts.reduce((sum, { answers }) => sum + answers, 0),
    failures: counts.reduce((sum, { failures }) => sum + failures, 0),
    milliseconds: performance.now() - start,
  }
}

function drive(
  port: number,
  request: Buffer,
  end: number,
): Promise<{ answers: number; failures: number }> {
  return new Promise((resolve, reject) => {
    let answers = 0
    let failures = 0
    let pending = ''
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(request))
    socket.setNoDelay(true)
    socket.on('error', reject)
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      pending += chunk
      const head = pending.indexOf('\r\n\r\n')
      if (head === -1) return
      const length = /content-length: (\d+)/i.exec(pending)?.[1]
      if (length === undefined) {
        reject(new Error(`an answer without Content-Length: ${pending.slice(0, head)}`))
        socket.destroy()
        return
      }
      if (pending.length < head + 4 + Number(length)) return
      answers++
      if (!pending.startsWith('HTTP/1.1 200')) failures++
      pending = ''
      if (performance.now() < end) socket.write(request)
      else {
        socket.destroy()
        resolve({ answers, failures })
      }
    })
  })
}
