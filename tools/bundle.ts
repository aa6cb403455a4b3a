/**
 * Makes one file of each entry's many modules, in place: what a program imports at start-up.
 *
 * `tsc` has written every module and its declarations to `dist`. A program that imports an entry
 * would open some sixty of them; opened as one, the client starts in a tenth of the time
 * (`npm run bench -- --only import-cost`). Declarations stay as `tsc` wrote them. What two entries of a
 * package share goes into a file of its own, so that a class is one class whichever entry it comes by.
 */
import { globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { packageFolders } from './package-folders.ts'

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly default: string }>>
  readonly bin?: Readonly<Record<string, string>>
}

/** Bundles the built output of packages below `root`, by default of all. Run `tsc -b` first. */
export async function bundlePackages(root: string, names?: readonly string[]): Promise<void> {
  for (const { name, folder } of packageFolders(root)) {
    if (names === undefined || names.includes(name)) await bundlePackage(folder)
  }
}

async function bundlePackage(folder: string): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const entries = [
    ...Object.values(manifest.exports).map((entry) => entry.default),
    ...Object.values(manifest.bin ?? {}),
  ]
  await build({
    entryPoints: entries.map((entry) => join(folder, entry)),
    outdir: join(folder, 'dist'),
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    chunkNames: 'shared/[hash]',
    packages: 'external',
    format: 'esm',
    platform: 'neutral',
    target: 'es2023',
    sourcemap: true,
    logLevel: 'warning',
  })
  for (const file of globSync('dist/lib/**/*.{js,js.map}', { cwd: folder })) {
    rmSync(join(folder, file))
  }
}

if (import.meta.main) await bundlePackages(join(import.meta.dirname, '..'))
