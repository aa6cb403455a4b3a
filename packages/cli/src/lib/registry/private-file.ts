import {
  chownSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { randomUUID } from 'node:crypto'
import { CommandFailure } from '../errors/command-failure.ts'

/**
 * The text of a file that only its owner may read; `undefined` where there is no such file.
 *
 * Throws: `CommandFailure` (configuration) where group or others may read it. Windows has no such
 * bits, so nothing is looked at there.
 */
export function readPrivateFile(path: string): string | undefined {
  try {
    const { mode } = statSync(path)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CommandFailure('configuration', `${path} can be read by others than its owner`, {
        cure: `Take their rights away: chmod 600 ${path}`,
      })
    }
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Makes a file that only its owner may read, whole or not at all. One that exists is left alone: of
 * two processes that start at once one makes it, and the other reads what that one made.
 */
export function createPrivateFile(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/**
 * Puts another text in the place of a private file's, whole or not at all. Its owner stays the same: where
 * root does it, the server goes on being able to read it.
 */
export function replacePrivateFile(path: string, text: string): void {
  const draft = `${path}.${randomUUID()}`
  try {
    const { uid, gid } = statSync(path)
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true })
    if (process.getuid?.() === 0) chownSync(draft, uid, gid)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}
