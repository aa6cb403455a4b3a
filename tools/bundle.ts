/**
 * Makes few files of each package's many modules, in place: what a program opens at start-up.
 *
 * `tsc` has written every module and its declarations to `dist`. A program that imports an entry
 * would open dozens of them; as one file, the client starts in a tenth of the time
 * (`npm run bench -- --only import-cost`). Declarations stay as `tsc` wrote them. What the main entry
 * holds is one file that the other entries of the package share, so that a class is one class
 * whichever entry it comes by.
 */
import { globSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { rolldown, type InputOptions } from 'rolldown'
import { packageFolders } from './package-folders.ts'

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>
  readonly bin?: Readonly<Record<string, string>>
}

/** Bundles the fresh output of `tsc -b --force` of packages below `root`, by default of all. */
export async function bundlePackages(root: string, names?: readonly string[]): Promise<void> {
  for (const { name, folder } of packageFolders(root)) {
    if (names === undefined || names.includes(name)) await bundlePackage(folder)
  }
}

async function bundlePackage(folder: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const main = manifest.exports['.']?.default
  const entries = [
    ...Object.values(manifest.exports).map((entry) => entry.default),
    ...Object.values(manifest.bin ?? {}),
  ]
  const input = Object.fromEntries(
    entries.map((entry) => [basename(entry, '.js'), join(folder, entry)]),
  )
  // With one entry there is nothing to share: everything is in it.
  const shared = main !== undefined && entries.length > 1
  const core = shared ? await modulesOf(join(folder, main)) : new Set<string>()
  rmSync(join(folder, 'dist/shared'), { recursive: true, force: true })
  const bundle = await rolldown({ ...COMMON, input })
  await bundle.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    sourcemap: true,
    // Half of every file would be doc comments. They stay in the declarations and in `src`.
    comments: { jsdoc: false, annotation: true, legal: true },
    entryFileNames: '[name].js',
    chunkFileNames: 'shared/[name].js',
    codeSplitting: { groups: [{ name: 'core', test: (id) => core.has(id) }] },
  })
  await bundle.close()
  for (const file of globSync('dist/lib/**/*.{js,js.map}', { cwd: folder })) {
    rmSync(join(folder, file))
  }
}

/** Every module that an entry holds, loaded at start-up. */
async function modulesOf(entry: string): Promise<ReadonlySet<string>> {
  const bundle = await rolldown({ ...COMMON, input: { main: entry } })
  const { output } = await bundle.generate({ format: 'esm' })
  await bundle.close()
  const first = output.find((chunk) => chunk.type === 'chunk' && chunk.isEntry)
  return new Set(first?.type === 'chunk' ? first.moduleIds : [])
}

const COMMON: InputOptions = {
  // Every bare specifier, a dependency or a module of the runtime, but for the wire shapes and what
  // is built right on them: as packages of their own they would be files to open, whole, for the few
  // things that are used. So is Kysely, whose index opens three hundred files.
  external: /^(?!(?:@countersign\/(?:protocol|verify)|kysely)(?:\/|$))[^./]/,
  platform: 'neutral',
  logLevel: 'warn',
}

if (import.meta.main) await bundlePackages(join(import.meta.dirname, '..'))
