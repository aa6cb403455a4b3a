import type { Kysely } from 'kysely'
import type { Migrations } from './sql-access.ts'

/** The one table of a replay store that stands by itself, such as that of an API's guard. */
export const PROOF_MIGRATIONS: Migrations = {
  all: { '0001_used_proofs': { up: createUsedProofs } },
  table: 'countersign_proof_migration',
}

async function createUsedProofs({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createTable('usedProofs')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await schema.createIndex('usedProofsByExpiry').on('usedProofs').column('expiresAt').execute()
}
