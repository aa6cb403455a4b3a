import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { whenFree } from './when-free.ts'

/**
 * Opens a SQLite file, making it where it is missing, readable by its owner only.
 *
 * Write-ahead logging with full synchronisation: what was committed survives a killed process and a
 * power cut, and readers do not wait for a writer.
 */
export async function openSqlite(path: string): Promise<DatabaseSync> {
  // SQLite itself would make it with the permissions of the process's umask.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  try {
    await whenFree(() => database.exec('pragma journal_mode = wal; pragma synchronous = full'))
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
