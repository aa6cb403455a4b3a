import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** A package of this repository that is published. */
export interface PackageFolder {
  /** Without the scope, such as `client`. */
  readonly name: string
  readonly folder: string
  /** Declaration files of the package's entries, by entry name (`index` for `.`). */
  readonly entries: ReadonlyMap<string, string>
}

interface Manifest {
  readonly exports?: Readonly<Record<string, { readonly types?: string }>>
}

/** The published packages under `root`, by name. */
export function packageFolders(root: string): PackageFolder[] {
  return globSync('packages/*/package.json', { cwd: root })
    .toSorted()
    .map((path) => {
      const folder = join(root, dirname(path))
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest
      const entries = Object.entries(manifest.exports ?? {}).flatMap(([subpath, { types }]) =>
        types === undefined
          ? []
          : [[subpath === '.' ? 'index' : subpath.slice(2), join(folder, types)] as const],
      )
      return { name: basename(folder), folder, entries: new Map(entries) }
    })
}
