import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageFolders } from './package-folders.ts'
import { runCommand, type CommandResult } from './run-command.ts'

/**
 * Packs every package as npm would publish it and has publint and attw look at the result. Needs a
 * build. What they see is the tarball, so a file that `files` forgets is found too.
 */
export async function checkTarballs(root: string): Promise<CommandResult> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-pack-'))
  try {
    const all = packageFolders(root)
    const packages = all.filter((one) => existsSync(join(one.folder, 'dist')))
    const unbuilt = all.filter((one) => !packages.includes(one))
    const faults = unbuilt.map((one) => `packages/${one.name} was not built`)
    const packed = await runCommand('npm', [
      'pack',
      '--ignore-scripts',
      `--pack-destination=${folder}`,
      ...packages.map((one) => `--workspace=packages/${one.name}`),
    ])
    if (!packed.ok) return packed
    const tarballs = readdirSync(folder).map((file) => join(folder, file))
    faults.push(...(await mapPairs(tarballs, checkTarball)).flat())
    return { ok: faults.length === 0, output: faults.join('\n') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function checkTarball(tarball: string): Promise<string[]> {
  const results = [
    await runCommand('publint', ['run', tarball, '--strict']),
    await runCommand('attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']),
  ]
  return results.filter((result) => !result.ok).map((result) => result.output)
}

/** Two at a time: the tools are single processes, and small machines have two cores. */
async function mapPairs<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let i = 0; i < items.length; i += 2) {
    results.push(...(await Promise.all(items.slice(i, i + 2).map(map))))
  }
  return results
}
