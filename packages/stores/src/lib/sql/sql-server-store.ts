import type { Kysely } from 'kysely'
import type { ServerStore } from '@countersign/server'
import type { ServerDatabase } from './server-database.ts'
import { sqlAccess } from './sql-access.ts'
import { sqlAuditLog } from './sql-audit-log.ts'
import { sqlOpaqueTokenStore } from './sql-opaque-token-store.ts'
import { sqlRegistryStore } from './sql-registry-store.ts'
import { sqlReplayStore } from './sql-replay-store.ts'
import { sqlUsageStore } from './sql-usage-store.ts'

/**
 * Everything a server keeps, in one SQL database. Closing any part closes the database.
 *
 * `name` says which database it is, in errors.
 */
export function sqlServerStore(db: Kysely<ServerDatabase>, name: string): ServerStore {
  const access = sqlAccess(db, name)
  return {
    registry: sqlRegistryStore(access),
    replay: sqlReplayStore(access),
    opaqueTokens: sqlOpaqueTokenStore(access),
    audit: sqlAuditLog(access),
    usage: sqlUsageStore(access),
    close: access.close,
  }
}
