import type { Command } from '../command.ts'
import { CommandFailure, usageFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { isPostgresUrl } from '../registry/postgres-url.ts'
import { REGISTRY_OPTIONS, registryPaths } from '../registry/registry-options.ts'
import { printable } from '../text/printable.ts'

/** Copies the database while servers work on it. */
export const backup: Command = {
  name: 'backup',
  summary: 'Copy the database to a file, whole, while servers work on it',
  usage: 'FILE [options]',
  about: [
    'A plain copy of the file would miss what is still in its write-ahead log.',
    'The master keys are not in it. Keep them elsewhere: together they can sign any token.',
    'To restore: stop the server, put FILE in the place of the database, take away the files that end',
    'in -wal and -shm, start. To try a copy: countersign client list --db FILE --master-key-file PATH',
  ],
  operands: [1, 1],
  options: REGISTRY_OPTIONS,
  examples: [
    [
      'countersign backup backup.db --db /var/lib/countersign/countersign.db',
      'A copy of this instant',
    ],
  ],
  async run(call) {
    const { backUpSqlite } = await import('@countersign/stores/sqlite')
    const [to = ''] = call.arguments.operands
    const { db } = registryPaths(call)
    if (isPostgresUrl(db)) {
      throw usageFailure('a PostgreSQL has tools of its own', 'Use pg_dump')
    }
    try {
      await backUpSqlite({ path: db, to })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      throw new CommandFailure('configuration', `${to} exists and is not overwritten`, {
        cure: 'Name another file, or move this one away',
        cause: error,
      })
    }
    const { io, json } = call
    io.stdout(
      json ? `${JSON.stringify({ database: db, backup: to })}\n` : `copied to ${printable(to)}\n`,
    )
    return EXIT_CODES.ok.code
  },
}
