import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { runProcess } from './start-process.ts'

const SCRIPT = `
import { registerHooks } from 'node:module'
const urls = []
registerHooks({
  resolve(specifier, context, next) {
    const result = next(specifier, context)
    urls.push(result.url)
    return result
  },
})
const { run } = await import(process.argv[1])
const io = { stdout() {}, stderr() {}, env: {}, isTTY: false, readStdin: async () => new Uint8Array() }
await run(process.argv.slice(2), io)
console.log(urls.join('\\n'))
`

/** The addresses of every module that a command line loads. */
async function modulesOf(argv: readonly string[]): Promise<string> {
  const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@countersign/source',
    '--input-type=module',
    '-e',
    SCRIPT,
    '--',
    entry,
    ...argv,
  ])
  return stdout
}

const HEAVY = /packages\/(?:server|stores|client|guard)\/|kysely|node:sqlite|node:http/

describe('starting the command', () => {
  it.each([['--help'], ['help', 'serve'], ['--version'], ['inspect', 'abc'], ['nonsense']])(
    'loads no server, client or database for %s %s',
    async (...argv) => {
      const modules = await modulesOf(argv.filter((one) => one !== undefined))
      expect(modules).toContain('packages/protocol/')
      expect(modules).not.toMatch(HEAVY)
    },
  )

  it('loads the client and no server for token', async () => {
    const modules = await modulesOf(['token', '--issuer', 'https://as.example', '--client-id', 'x'])
    expect(modules).toContain('packages/client/')
    expect(modules).not.toMatch(/packages\/(?:server|stores)\/|kysely|node:sqlite/)
  })

  it('keeps quiet about SQLite being experimental, and about nothing else', async () => {
    // What Node 22 does when SQLite is loaded, at the moment the command listens to warnings.
    const preload = `process.on('newListener', (name) => {
      if (name !== 'warning') return
      process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning')
      process.emitWarning('marker', 'DeprecationWarning')
    })`
    const { stderr } = await runProcess(['--version'], {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    })
    expect(stderr).toContain('DeprecationWarning: marker')
    expect(stderr).not.toContain('SQLite')
  })

  it('prints its version', async () => {
    const { code, stdout, stderr } = await runProcess(['--version'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/)
  })

  it('shows help for the command that is asked for, wherever --help stands', async () => {
    const help = await runProcess(['help', 'client', 'rotate'])
    const option = await runProcess(['client', 'rotate', 'billing', '--help'])
    expect(help.stdout).toContain('countersign client rotate:')
    expect(option.stdout).toBe(help.stdout)
  })
})
