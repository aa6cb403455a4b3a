import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Outcome } from './run-command.ts'

const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url))
const NODE_ARGUMENTS = ['--conditions=@countersign/source', BIN]

/** The command as a process of its own, that runs until it is stopped. */
export interface RunningProcess extends AsyncDisposable {
  /** The first line on standard output that says it is ready. */
  readonly ready: string
  /** Every line on standard output so far. */
  readonly lines: readonly string[]
  /** Sends the signal and gives the exit code; `null` where the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Runs the real command as a process of its own, to its end. */
export function runProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child: ChildProcess = execFile(
      process.execPath,
      [...NODE_ARGUMENTS, ...argv],
      { env: { PATH: process.env['PATH'], ...env }, timeout: 20_000 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

/** Starts the real command as a process of its own and waits until it is ready. */
export async function startProcess(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const child = spawn(process.execPath, [...NODE_ARGUMENTS, ...argv], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const lines: string[] = []
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const ready = await Promise.race([
    new Promise<string>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        lines.push(line)
        if (/^ready:|"event":"ready"/.test(line)) resolve(line)
      })
    }),
    exited.then((code) => {
      throw new Error(`ended with ${code}: ${stderr}`)
    }),
  ])
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal)
    return exited
  }
  return {
    ready,
    lines,
    end,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL')
    },
  }
}
