import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'

/** How a command ended, and everything it printed. */
export interface CommandResult {
  readonly ok: boolean
  readonly output: string
}

const ROOT = join(import.meta.dirname, '..')

/** Runs a command of `node_modules/.bin` (or of the machine) in the repository's root. */
export function runCommand(command: string, args: readonly string[]): Promise<CommandResult> {
  const path = [join(ROOT, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter)
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: path, NO_COLOR: '1', FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // The commands are .cmd files there.
    shell: process.platform === 'win32',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ ok: false, output: `${command}: ${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }))
  })
}
