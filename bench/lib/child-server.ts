import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pinned, SERVER_CORE } from './cores.ts'
import { strippedServers } from './published.ts'

/** What a child server says when it is ready. */
export interface Ready {
  readonly port: number
  /** Whole HTTP/1.1 requests that it answers with 200. */
  readonly requests?: readonly string[]
}

/**
 * Bytes of a MiB, in which memory is said: so the floor of the token endpoint weighs 61 and 87, as it did
 * where the goals come from.
 */
export const MEBIBYTE: number = 2 ** 20

/** What a server has used. */
export interface Usage {
  /** User and system time since its start. */
  readonly cpuMicroseconds: number
  readonly residentBytes: number
}

/** A server in a process of its own, so that what it uses can be told from what the load uses. */
export interface ChildServer extends AsyncDisposable {
  readonly ready: Ready
  /** From the start of its process until it was ready. */
  readonly startMilliseconds: number
  usage(): Promise<Usage>
}

/** Starts a script of `bench/servers`; it must call {@link announce}. */
export async function startChildServer(
  script: string,
  {
    args = [],
    pin = false,
    built = false,
    env = {},
  }: {
    readonly args?: readonly string[]
    /** Keep it on the core for servers. */
    readonly pin?: boolean
    /** Take everything as JavaScript, and our packages as they are published. */
    readonly built?: boolean
    readonly env?: Readonly<Record<string, string>>
  } = {},
): Promise<ChildServer> {
  const path = built
    ? join(strippedServers(), script.replace(/\.ts$/, '.mjs'))
    : fileURLToPath(new URL(`../servers/${script}`, import.meta.url))
  const condition = built ? [] : ['--conditions=@countersign/source']
  const [execPath = process.execPath, ...execArgv] = [
    ...(pin ? pinned(SERVER_CORE, [process.execPath]) : [process.execPath]),
    ...condition,
  ]
  const start = performance.now()
  const child = fork(path, args, {
    execPath,
    execArgv,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr
    ?.setEncoding('utf8')
    .on('data', (text: string) => (said = (said + text).slice(-4000)))
  const exited = once(child, 'exit')
  const [ready] = (await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`${script} ended with ${code}: ${said}`))),
  ])) as [Ready]
  const startMilliseconds = performance.now() - start
  return {
    ready,
    startMilliseconds,
    async usage() {
      child.send('usage')
      const [usage] = (await once(child, 'message')) as [Usage]
      return usage
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

/** Called by a child server: says that it listens, and answers what the parent asks. */
export function announce(ready: Ready): void {
  process.on('message', () => void usageNow().then((used) => process.send?.(used)))
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}

/** What this process and its cluster's workers have used together. */
async function usageNow(): Promise<Usage> {
  const { user, system } = process.cpuUsage()
  const all = [{ cpuMicroseconds: user + system, residentBytes: process.memoryUsage().rss }]
  for (const worker of Object.values(cluster.workers ?? {})) {
    if (worker === undefined) continue
    worker.send('usage')
    all.push(((await once(worker, 'message')) as [Usage])[0])
  }
  return {
    cpuMicroseconds: all.reduce((sum, one) => sum + one.cpuMicroseconds, 0),
    residentBytes: all.reduce((sum, one) => sum + one.residentBytes, 0),
  }
}
