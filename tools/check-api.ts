import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { apiSnapshot } from './api-snapshot.ts'
import { lineDiff } from './line-diff.ts'
import { packageFolders, type PackageFolder } from './package-folders.ts'
import type { CommandResult } from './run-command.ts'

/**
 * Compares the built API of every package with the snapshots in `packages/<name>/api`, or writes
 * them. Needs a build.
 */
export async function checkApi(
  root: string,
  { update }: { readonly update: boolean },
): Promise<CommandResult> {
  const faults = packageFolders(root).flatMap((one) => checkPackage(root, one, update))
  return { ok: faults.length === 0, output: faults.join('\n') }
}

function checkPackage(root: string, one: PackageFolder, update: boolean): string[] {
  const { name, folder, entries } = one
  const faults: string[] = []
  for (const [entry, declarations] of entries) {
    const file = join(folder, 'api', `${entry}.d.ts`)
    if (!existsSync(declarations)) {
      faults.push(`${relative(root, declarations)} was not built`)
      continue
    }
    const title = `@countersign/${name}${entry === 'index' ? '' : `/${entry}`}`
    const text = apiSnapshot(title, declarations)
    const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
    if (text === before) continue
    if (update) {
      mkdirSync(join(folder, 'api'), { recursive: true })
      writeFileSync(file, text)
      continue
    }
    const diff = before === '' ? ['there is no snapshot yet'] : lineDiff(before, text)
    faults.push(
      `${relative(root, file)} differs from the build`,
      ...diff.map((line) => `  ${line}`),
    )
  }
  return [...faults, ...leftOver(root, one, update)]
}

/** Snapshots of entries that the package has no more. */
function leftOver(root: string, { folder, entries }: PackageFolder, update: boolean): string[] {
  const files = globSync('api/*.d.ts', { cwd: folder }).filter(
    (file) => !entries.has(basename(file, '.d.ts')),
  )
  if (!update) {
    return files.map(
      (file) => `${relative(root, join(folder, file))} is of no entry of the package`,
    )
  }
  for (const file of files) rmSync(join(folder, file))
  return []
}
