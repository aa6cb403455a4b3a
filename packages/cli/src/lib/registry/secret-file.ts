import { closeSync, fsyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { CommandFailure } from '../errors/command-failure.ts'

/** A file that waits for a secret. */
export interface SecretFile {
  readonly path: string
  /** Writes the secret with one line end, on the disk when this returns. */
  write(secret: string): void
  /** Takes the file away, where there came no secret. */
  discard(): void
}

/**
 * Makes the file for a secret before the secret is made: one that nobody can write down is lost.
 *
 * Only its owner may read it. Throws: `CommandFailure` (configuration) where it exists.
 */
export function reserveSecretFile(path: string): SecretFile {
  const file = open(path)
  let isOpen = true
  const close = (): void => {
    if (isOpen) closeSync(file)
    isOpen = false
  }
  return {
    path,
    write(secret) {
      writeSync(file, `${secret}\n`)
      fsyncSync(file)
      close()
    },
    discard() {
      close()
      rmSync(path, { force: true })
    },
  }
}

function open(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new CommandFailure('configuration', `${path} exists and is not overwritten`, {
      cure: 'Name another file, or move this one away',
    })
  }
}
