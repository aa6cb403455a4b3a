import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the vectors of others may be: see the test that needs them for what they are. */
const FOLDERS = [
  process.env['VECTORS'],
  join(import.meta.dirname, '../../../.vectors'),
  join(import.meta.dirname, '../../../../shared/vectors'),
]

/** A file of vectors, parsed; `undefined` where it is not on this machine, which it says aloud. */
export function readVectors(path: string): unknown {
  const found = FOLDERS.map((folder) => folder && join(folder, path)).find(
    (file) => file !== undefined && file !== '' && existsSync(file),
  )
  if (found !== undefined) return JSON.parse(readFileSync(found, 'utf8'))
  process.stdout.write(`skipped: no vectors ${path} (name their folder in VECTORS)\n`)
  return undefined
}
