import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LOAD_CORE, pinned } from './cores.ts'
import { quantile } from './rounds.ts'

/** What a burst of load came to. */
export interface LoadResult {
  readonly answers: number
  /** Answers that were no success, and connections that broke. */
  readonly failures: number
  readonly milliseconds: number
  /** Latencies in milliseconds. */
  readonly p50: number
  readonly p99: number
}

/** How much load to make. */
export interface LoadOptions {
  readonly connections: number
  readonly seconds: number
  /** Keep the load on its own core. Default true. */
  readonly pin?: boolean
}

/** What makes the load, for people. */
export const LOAD_TOOL: string = hasWrk()
  ? 'wrk'
  : 'raw sockets of this process, unpinned (wrk is not installed)'

/**
 * Sends requests in turn over keep-alive connections, one at a time on each, for a while.
 *
 * With `wrk` where it is installed, on its own core; else from raw sockets of this process: an HTTP
 * client would be busier than the servers under test. Servers must answer with `Content-Length`.
 */
export function load(
  port: number,
  requests: readonly string[],
  options: LoadOptions,
): Promise<LoadResult> {
  return hasWrk() ? loadWithWrk(port, requests, options) : loadHere(port, requests, options)
}

function hasWrk(): boolean {
  // It has no option that succeeds: without arguments it prints its usage.
  return spawnSync('wrk', []).error === undefined
}

async function loadWithWrk(
  port: number,
  requests: readonly string[],
  { connections, seconds, pin = true }: LoadOptions,
): Promise<LoadResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const file = join(folder, 'requests')
    await writeFile(file, requests.map((one) => `${one.length}\n${one}`).join(''), 'latin1')
    const script = fileURLToPath(new URL('wrk.lua', import.meta.url))
    const rate = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s']
    const address = `http://127.0.0.1:${port}/`
    const wrk = ['wrk', ...rate, '-s', script, address]
    const [command = '', ...args] = pin ? pinned(LOAD_CORE, wrk) : wrk
    const { stdout } = await promisify(execFile)(command, args, {
      env: { ...process.env, BENCH_REQUESTS: file },
    })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as LoadResult
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function loadHere(
  port: number,
  requests: readonly string[],
  { connections, seconds }: LoadOptions,
): Promise<LoadResult> {
  const bytes = requests.map((request) => Buffer.from(request, 'latin1'))
  let turn = 0
  const next = (): Buffer => bytes[turn++ % bytes.length] ?? Buffer.alloc(0)
  const start = performance.now()
  const end = start + seconds * 1000
  const all = Array.from({ length: connections }, () => drive(port, next, end))
  const results = await Promise.all(all)
  const latencies = results.flatMap((one) => one.latencies)
  return {
    answers: latencies.length,
    failures: results.reduce((sum, { failures }) => sum + failures, 0),
    milliseconds: performance.now() - start,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  }
}

function drive(
  port: number,
  next: () => Buffer,
  end: number,
): Promise<{ latencies: number[]; failures: number }> {
  return new Promise((resolve, reject) => {
    const latencies: number[] = []
    let failures = 0
    let pending = ''
    let sentAt = 0
    const send = (): void => {
      sentAt = performance.now()
      socket.write(next())
    }
    const socket: Socket = connect(port, '127.0.0.1', send)
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
      const now = performance.now()
      latencies.push(now - sentAt)
      if (!pending.startsWith('HTTP/1.1 200')) failures++
      pending = ''
      if (now < end) send()
      else {
        socket.destroy()
        resolve({ latencies, failures })
      }
    })
  })
}
