import { runCommand, type Outcome } from './run-command.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What time it is for a command on an {@link ownRegistry}, unless told otherwise. */
export const NOW: number = Date.UTC(2026, 0, 1)

/** A registry in a folder of its own, at a time of its own. */
export function ownRegistry(): Disposable & {
  file(name: string): string
  run(line: string, at?: number): Promise<Outcome>
} {
  const folder = temporaryFolder()
  return {
    file: folder.file,
    run: (line, at = NOW) =>
      runCommand(line.split(' '), {
        env: { COUNTERSIGN_DB: folder.file('a.db') },
        now: () => at,
      }),
    [Symbol.dispose]: folder[Symbol.dispose],
  }
}
