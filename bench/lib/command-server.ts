import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { tokenRequestText } from '../servers/token-request-text.ts'
import type { ChildServer, Ready, Usage } from './child-server.ts'
import { pinned, SERVER_CORE } from './cores.ts'
import { BUILT_COMMAND } from './published.ts'

/** What `countersign serve --json` says. */
interface Said {
  readonly event: string
  readonly issuer: string
  readonly client_id: string
  readonly client_secret: string
}

/**
 * Starts the built `countersign serve` over a database. Its events go to `/dev/null`.
 *
 * `requests` are for a database that was there before; the first run on a new one says its own.
 */
export async function startCommand(
  db: string,
  {
    masterKeys,
    requests = [],
    pin = false,
    env = {},
  }: {
    readonly masterKeys?: string
    readonly requests?: readonly string[]
    readonly pin?: boolean
    readonly env?: Readonly<Record<string, string>>
  } = {},
): Promise<ChildServer> {
  const serve = [process.execPath, BUILT_COMMAND, 'serve', '--db', db, '--port', '0', '--json']
  const [command = '', ...args] = pin ? pinned(SERVER_CORE, serve) : serve
  const start = performance.now()
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      ...(masterKeys !== undefined && { COUNTERSIGN_MASTER_KEYS: masterKeys }),
      ...env,
    },
  })
  const exited = once(child, 'exit')
  const ready = await Promise.race([
    readReady(createInterface(child.stdout), requests),
    exited.then(([code]) => Promise.reject(new Error(`countersign serve ended with ${code}`))),
  ])
  const startMilliseconds = performance.now() - start
  return {
    ready,
    startMilliseconds,
    usage: async () => processUsage(child.pid ?? 0),
    async [Symbol.asyncDispose]() {
      child.kill()
      await exited
    },
  }
}

async function readReady(
  lines: AsyncIterable<string>,
  requests: readonly string[],
): Promise<Ready> {
  let own = requests
  for await (const line of lines) {
    const said = JSON.parse(line) as Said
    if (said.event === 'first_run') {
      const text = tokenRequestText(said.client_id, said.client_secret)
      own = [text.replace('&scope=orders%3Aread', '').replace(/(?<=Length: )\d+/, '29')]
    }
    if (said.event === 'ready') return { port: Number(new URL(said.issuer).port), requests: own }
  }
  throw new Error('countersign serve did not say that it is ready')
}

/** From `/proc`, since the command answers no questions. NaN where there is none. */
function processUsage(pid: number): Usage {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1])
    const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    // A tick is a hundredth of a second on every Linux there is.
    const cpuMicroseconds = (Number(ticks[11]) + Number(ticks[12])) * 10_000
    return { cpuMicroseconds, residentBytes: kilobytes * 1024 }
  } catch {
    return { cpuMicroseconds: NaN, residentBytes: NaN }
  }
}
