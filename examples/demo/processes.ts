import { execFile, fork, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Order, Report } from './billing-service.ts'

const COMMAND = fileURLToPath(new URL('bin.ts', import.meta.resolve('@countersign/cli')))
const SOURCE = '--conditions=@countersign/source'

/** Runs a `countersign` command to its end and gives what it printed. */
export async function countersign(...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [SOURCE, COMMAND, ...words])
  return stdout
}

/** The authorization server of the demo: `countersign serve`, a process of its own. */
export interface ServerProcess {
  readonly issuer: string
  /** Tokens issued so far, as the server itself told. */
  issued(): number
  /** Ends it at once, as a crash would. */
  kill(): Promise<void>
}

/** Starts `countersign serve` on a registry file; resolves when it is ready. */
export async function startServer(db: string, port: number): Promise<ServerProcess> {
  const words = ['serve', '--db', db, '--port', String(port), '--json']
  const child = spawn(process.execPath, [SOURCE, COMMAND, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let issued = 0
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.includes('"token.issued"')) issued++
  })
  const issuer = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`countersign serve ended with ${code}`)))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as { event: string; issuer: string }
      if (message.event === 'ready') resolve(message.issuer)
    })
  })
  return { issuer, issued: () => issued, kill: () => end(child, 'SIGKILL') }
}

/** Starts the guarded API; gives its origin. */
export async function startOrdersApi(issuer: string, audience: string): Promise<string> {
  const child = start('orders-api.ts', [issuer, audience], {})
  const [{ ready }] = (await once(child, 'message')) as [{ ready: number }]
  return `http://127.0.0.1:${ready}`
}

/** A billing service: takes orders of the narrator, tells what happens. */
export interface BillingProcess {
  send(order: Order): void
  /** The next report of that type. */
  next<Type extends Report['type']>(type: Type): Promise<Extract<Report, { type: Type }>>
  /** Calls `listener` with every report from here on. */
  on(listener: (report: Report) => void): void
}

/** Starts a billing service with these settings in its environment. */
export async function startBilling(env: Record<string, string>): Promise<BillingProcess> {
  const child = start('billing-service.ts', [], env)
  const listeners: ((report: Report) => void)[] = []
  child.on('message', (report: Report) => {
    for (const listener of listeners) listener(report)
  })
  const billing: BillingProcess = {
    send: (order) => void child.send(order),
    on: (listener) => void listeners.push(listener),
    next: (type) =>
      new Promise((resolve, reject) => {
        listeners.push((report) => {
          if (report.type === type) resolve(report as never)
          else if (report.type === 'failed') reject(new Error(report.message))
        })
      }),
  }
  await billing.next('ready')
  return billing
}

/** Ends every process that was started. */
export async function endAll(): Promise<void> {
  await Promise.all(Array.from(running, (child) => end(child, 'SIGKILL')))
}

const running = new Set<ChildProcess>()

function start(script: string, words: string[], env: Record<string, string>): ChildProcess {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = fork(path, words, { execArgv: [SOURCE], env: { ...process.env, ...env } })
  running.add(child)
  return child
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  running.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
