/**
 * Every gate but the tests, in the order a person wants to hear of them. All run, even when one
 * fails; the exit code is 1 when any did.
 *
 * `--update` writes the API snapshots in place of comparing them.
 */
import { globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundlePackages } from './bundle.ts'
import { checkApi } from './check-api.ts'
import { checkTarballs } from './check-tarballs.ts'
import { runCommand, type CommandResult } from './run-command.ts'

interface Gate {
  readonly name: string
  readonly cure: string
  readonly run: () => Promise<CommandResult>
}

const ROOT = join(import.meta.dirname, '..')
const args = process.argv.slice(2)
if (args.some((arg) => arg !== '--update')) {
  console.error('usage: npm run check [-- --update]')
  process.exit(2)
}
const update = args.includes('--update')

const gates: readonly Gate[] = [
  { name: 'format', cure: 'npm run format', run: () => runCommand('oxfmt', ['--check', '.']) },
  {
    name: 'lint',
    cure: 'mend what is listed',
    run: () => runCommand('oxlint', ['--type-aware', '.']),
  },
  { name: 'types', cure: 'mend what is listed', run: build },
  {
    name: 'layers',
    cure: 'see tools/layers.ts for what may import what',
    run: () => runCommand('vitest', ['run', 'tools/layers', 'tools/file-shape', '--reporter=dot']),
  },
  {
    name: 'knip',
    cure: 'drop what is unused, declare what is missing',
    run: () => runCommand('knip', ['--no-config-hints']),
  },
  { name: 'bundle', cure: 'mend what is listed', run: bundle },
  {
    name: 'packages',
    cure: 'mend the manifest of the package named',
    run: () => checkTarballs(ROOT),
  },
  {
    name: 'api',
    cure: 'if meant: npm run check -- --update, and a changeset',
    run: api,
  },
]

/** Packages and tests. From nothing: build info of an older tree would call stale output good. */
function build(): Promise<CommandResult> {
  for (const folder of globSync('packages/*/dist', { cwd: ROOT })) {
    rmSync(join(ROOT, folder), { recursive: true, force: true })
  }
  return runCommand('tsc', ['-b', '--force'])
}

/** A build with type errors still writes declarations: no snapshot may be made of those. */
async function api(): Promise<CommandResult> {
  if (update && failed.some(({ name }) => name === 'types')) {
    return { ok: false, output: 'no snapshot was written: the types gate failed' }
  }
  return checkApi(ROOT, { update })
}

/** What is published is bundled: `npm run build` does the same after `tsc`. */
async function bundle(): Promise<CommandResult> {
  try {
    await bundlePackages(ROOT)
    return { ok: true, output: '' }
  } catch (error) {
    return { ok: false, output: String(error) }
  }
}

const started = performance.now()
const failed: Gate[] = []
for (const gate of gates) {
  const begun = performance.now()
  process.stdout.write(`${gate.name.padEnd(9)} `)
  const { ok, output } = await gate.run()
  const seconds = ((performance.now() - begun) / 1000).toFixed(1)
  console.log(`${ok ? 'ok' : 'FAILED'} ${seconds} s`)
  if (ok) continue
  failed.push(gate)
  console.log(output.replaceAll(/^/gm, '  '))
}

const total = ((performance.now() - started) / 1000).toFixed(1)
console.log(`\n${gates.length - failed.length} of ${gates.length} gates passed in ${total} s`)
for (const { name, cure } of failed) console.log(`  ${name}: ${cure}`)
process.exitCode = failed.length === 0 ? 0 : 1
