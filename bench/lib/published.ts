import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** The built command; it is there once `npm run build` has run. */
export const BUILT_COMMAND: string = join(ROOT, 'packages/cli/dist/bin.js')

/** Whether the packages are built. */
export function isBuilt(): boolean {
  return existsSync(BUILT_COMMAND)
}

/**
 * The folder of the bench's servers as JavaScript, written anew at each run.
 *
 * What Node needs to strip types is 40 MB and 30 ms of a process: nothing that starts or weighs a
 * server as people run it may have it.
 */
export function strippedServers(): string {
  const into = join(ROOT, 'node_modules/.cache/bench')
  for (const folder of ['servers', 'lib']) {
    mkdirSync(join(into, folder), { recursive: true })
    for (const name of readdirSync(join(ROOT, 'bench', folder))) {
      if (!name.endsWith('.ts')) continue
      const text = readFileSync(join(ROOT, 'bench', folder, name), 'utf8')
      const script = stripTypeScriptTypes(text).replaceAll(/(from '\.[^']*)\.ts'/g, "$1.mjs'")
      writeFileSync(join(into, folder, name.replace(/\.ts$/, '.mjs')), script)
    }
  }
  return join(into, 'servers')
}
