import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Every migration by name, in the order of the names. One that was released never changes again.
 *
 * They are written for a database of any kind: types that SQLite and PostgreSQL share.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_server': { up: createServer },
  '0002_scope_uses': { up: createScopeUses },
}

async function createServer(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createTable('registry')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute()
  await (db as Kysely<{ registry: { id: number; revision: number } }>)
    .insertInto('registry')
    .values({ id: 1, revision: 0 })
    .execute()
  await schema
    .createTable('registryRecords')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addColumn('record', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('registryRecordsKey', ['kind', 'key'])
    .execute()
  // Following the registry asks for what changed since a revision.
  await schema
    .createIndex('registryRecordsByRevision')
    .on('registryRecords')
    .column('revision')
    .execute()

  await schema
    .createTable('replays')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('replaysByExpiry').on('replays').column('expiresAt').execute()

  await schema
    .createTable('opaqueTokens')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('claims', 'text', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('opaqueTokensByExpiry').on('opaqueTokens').column('expiresAt').execute()

  await schema
    .createTable('auditEntries')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('correlationId', 'text')
    .addColumn('clientId', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('auditEntriesByTime').on('auditEntries').column('at').execute()
  await schema
    .createIndex('auditEntriesByCorrelation')
    .on('auditEntries')
    .column('correlationId')
    .execute()
  await schema
    .createIndex('auditEntriesByClient')
    .on('auditEntries')
    .columns(['clientId', 'at'])
    .execute()

  await schema
    .createTable('credentialUses')
    .addColumn('credentialId', 'text', (column) => column.primaryKey())
    .addColumn('clientId', 'text', (column) => column.notNull())
    .addColumn('tokens', 'bigint', (column) => column.notNull())
    .addColumn('lastUsedAt', 'bigint', (column) => column.notNull())
    .execute()
}

async function createScopeUses({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('scopeUses')
    // First the one that is asked for by itself.
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('clientId', 'text', (column) => column.notNull())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('calls', 'bigint', (column) => column.notNull())
    .addColumn('firstUsedAt', 'bigint', (column) => column.notNull())
    .addColumn('lastUsedAt', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('scopeUsesKey', ['resource', 'clientId', 'scope'])
    .execute()
}
