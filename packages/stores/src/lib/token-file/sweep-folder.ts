import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { exclusively } from './exclusively.ts'

/** Files looked at in one go, at most. */
const MOST_FILES = 10_000
/** Half-written files and locks older than this were left behind, in milliseconds. */
const LEFT_BEHIND = 3_600_000

/**
 * Removes entries whose text `isOver`, and what ended processes left behind.
 *
 * A file that cannot be looked at or removed is left to the next time: this is housekeeping.
 */
export async function sweepFolder(
  folder: string,
  isOver: (text: string) => boolean,
): Promise<void> {
  const names = (await readdir(folder)).slice(0, MOST_FILES)
  for (const name of names) {
    const path = join(folder, name)
    try {
      if (/\.(token|lease)$/.test(name)) await removeOver(path, isOver)
      else if (/\.(tmp|lock|stale)$/.test(name) && (await isLeftBehind(path))) await rm(path)
    } catch {
      // Somebody else removed it, or it is not ours to look at.
    }
  }
}

async function removeOver(path: string, isOver: (text: string) => boolean): Promise<void> {
  if (!isOver(await readFile(path, 'utf8'))) return
  // Another process may be about to put a fresh one in its place.
  await exclusively(path, async () => {
    if (isOver(await readFile(path, 'utf8'))) await rm(path)
  })
}

async function isLeftBehind(path: string): Promise<boolean> {
  return Date.now() - (await stat(path)).mtimeMs > LEFT_BEHIND
}
