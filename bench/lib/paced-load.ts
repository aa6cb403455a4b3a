import { connect, type Socket } from 'node:net'

/** Requests at a fixed rate, whatever the answers take. */
export interface PacedLoad extends AsyncDisposable {
  /** Answers so far, by status. */
  readonly answers: ReadonlyMap<string, number>
  /** Milliseconds from when each answered request was due. */
  readonly latencies: readonly number[]
}

/**
 * Sends whole HTTP/1.1 requests over a few connections at so many a second until it is disposed of.
 *
 * They are sent in batches each 5 ms, one behind the other, and a latency counts from the instant at
 * which its request was due: a server that stalls is charged for all that should have come meanwhile.
 */
export async function pacedLoad(
  port: number,
  next: () => string,
  { perSecond, connections }: { readonly perSecond: number; readonly connections: number },
): Promise<PacedLoad> {
  const answers = new Map<string, number>()
  const latencies: number[] = []
  const lines = await Promise.all(
    Array.from({ length: connections }, () => openLine(port, answers, latencies)),
  )
  const startedAt = performance.now()
  let sent = 0
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1000)
    const batches = lines.map((): string[] => [])
    for (; sent < due; sent++) {
      lines[sent % connections]?.due.push(startedAt + (sent * 1000) / perSecond)
      batches[sent % connections]?.push(next())
    }
    for (const [at, batch] of batches.entries()) {
      if (batch.length > 0) lines[at]?.socket.write(batch.join(''))
    }
  }, 5)
  return {
    answers,
    latencies,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      for (const { socket } of lines) socket.destroy()
    },
  }
}

interface Line {
  readonly socket: Socket
  /** When the requests that wait for an answer were due, in order. */
  readonly due: number[]
}

const STATUS = /HTTP\/1\.1 (\d{3}) /g
const LONGEST = 'HTTP/1.1 200 '.length

async function openLine(
  port: number,
  answers: Map<string, number>,
  latencies: number[],
): Promise<Line> {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true).setEncoding('latin1')
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
  socket.on('error', () => answers.set('broken', (answers.get('broken') ?? 0) + 1))
  const due: number[] = []
  let rest = ''
  socket.on('data', (chunk: string) => {
    const text = rest + chunk
    let end = 0
    for (const match of text.matchAll(STATUS)) {
      const [, status = ''] = match
      end = match.index + LONGEST
      answers.set(status, (answers.get(status) ?? 0) + 1)
      latencies.push(performance.now() - (due.shift() ?? NaN))
    }
    rest = text.slice(Math.max(end, text.length - LONGEST + 1))
  })
  return { socket, due }
}
