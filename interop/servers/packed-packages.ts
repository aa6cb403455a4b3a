import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { bundlePackages } from '../../tools/bundle.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/**
 * Builds the packages that the server needs and packs them, by the command that docs/server/install.md
 * gives, in a copy of the repository below `folder`: other tests may build in place meanwhile. Gives the
 * copy's folder `deploy`, with the archives in it.
 */
export async function packPackages(folder: string): Promise<string> {
  const install = readFileSync(join(ROOT, 'docs/server/install.md'), 'utf8')
  const pack = /^npm pack [^`]+?--pack-destination deploy$/m.exec(install)?.[0] ?? ''
  const names = Array.from(pack.matchAll(/-w packages\/(\w+)/g), ([, name = '']) => name)
  for (const file of ['package.json', 'tsconfig.base.json', '.npmrc', 'deploy']) {
    cpSync(join(ROOT, file), join(folder, file), { recursive: true })
  }
  for (const name of names) {
    cpSync(join(ROOT, 'packages', name), join(folder, 'packages', name), {
      recursive: true,
      filter: (path) => !['dist', 'node_modules'].includes(basename(path)),
    })
  }
  borrowModules(folder, names)
  const run = promisify(execFile)
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['-b', 'packages/cli'], { cwd: folder })
  await bundlePackages(folder)
  await run('sh', ['-euc', pack], { cwd: folder })
  return join(folder, 'deploy')
}

/** The modules of the repository, but for the packages: those are the copy's own. */
function borrowModules(folder: string, names: readonly string[]): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '@countersign'), { recursive: true })
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@countersign') continue
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
  for (const name of names) {
    symlinkSync(join(folder, 'packages', name), join(modules, '@countersign', name))
  }
}
