import type { ServerStore } from '@countersign/server'
import type { SqlAccess } from './sql-access.ts'
import { sqlAuditLog } from './sql-audit-log.ts'
import { sqlOpaqueTokenStore } from './sql-opaque-token-store.ts'
import { sqlRegistryStore, type ApplySteps } from './sql-registry-store.ts'
import { sqlReplayStore } from './sql-replay-store.ts'
import { sqlUsageStore } from './sql-usage-store.ts'

/** Everything a server keeps, in one SQL database. Closing any part closes the database. */
export function sqlServerStore(access: SqlAccess, steps?: ApplySteps): ServerStore {
  const audit = sqlAuditLog(access)
  return {
    registry: sqlRegistryStore(access, audit, steps),
    replay: sqlReplayStore(access),
    opaqueTokens: sqlOpaqueTokenStore(access),
    audit,
    usage: sqlUsageStore(access),
    close: access.close,
  }
}
