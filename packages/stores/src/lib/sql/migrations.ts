import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * Every migration by name, in the order of the names. One that was released never changes again.
 *
 * They are written for a database of any kind: types that SQLite and PostgreSQL share.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_registry': { up: createRegistry },
}

async function createRegistry(db: Kysely<unknown>): Promise<void> {
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
    .createTable('clients')
    .addColumn('clientId', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('credentials')
    .addColumn('credentialId', 'text', (column) => column.primaryKey())
    .addColumn('clientId', 'text', (column) => column.notNull())
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('masterKeyVersion', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint')
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('resources')
    .addColumn('resource', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('tokenLifetimeSeconds', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute()
  await schema
    .createTable('grants')
    .addColumn('clientId', 'text', (column) => column.notNull())
    .addColumn('resource', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('grantsKey', ['clientId', 'resource'])
    .execute()
  await schema
    .createTable('signingKeys')
    .addColumn('kid', 'text', (column) => column.primaryKey())
    .addColumn('alg', 'text', (column) => column.notNull())
    .addColumn('publicJwk', 'text', (column) => column.notNull())
    .addColumn('sealedPrivateKey', 'text', (column) => column.notNull())
    .addColumn('masterKeyVersion', 'integer', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('signsFrom', 'bigint', (column) => column.notNull())
    .addColumn('withdrawAt', 'bigint')
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute()

  // Following the registry asks each table for what changed since a revision.
  for (const table of ['clients', 'credentials', 'resources', 'grants', 'signingKeys']) {
    await schema.createIndex(`${table}ByRevision`).on(table).column('revision').execute()
  }
}
