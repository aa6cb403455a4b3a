import type { Selectable, Transaction } from 'kysely'
import type {
  GrantRecord,
  RegistryChange,
  RegistryChanges,
  ResourceRecord,
  SigningKeyRecord,
} from '@countersign/server'
import type { RegistryDatabase, Revised } from './registry-database.ts'

type Row<T extends keyof RegistryDatabase> = Selectable<RegistryDatabase[T]>

/** Writes a change's record at `revision`, in place of the one with its key if there is one. */
export async function writeRecord(
  transaction: Transaction<RegistryDatabase>,
  change: RegistryChange,
  revision: number,
): Promise<void> {
  switch (change.kind) {
    case 'client': {
      const row = { ...change.record, revision }
      await transaction
        .insertInto('clients')
        .values(row)
        .onConflict((conflict) => conflict.column('clientId').doUpdateSet(row))
        .execute()
      return
    }
    case 'credential': {
      const row = { ...change.record, revision }
      await transaction
        .insertInto('credentials')
        .values(row)
        .onConflict((conflict) => conflict.column('credentialId').doUpdateSet(row))
        .execute()
      return
    }
    case 'resource': {
      const row = { ...change.record, scopes: JSON.stringify(change.record.scopes), revision }
      await transaction
        .insertInto('resources')
        .values(row)
        .onConflict((conflict) => conflict.column('resource').doUpdateSet(row))
        .execute()
      return
    }
    case 'grant': {
      const row = { ...change.record, scopes: JSON.stringify(change.record.scopes), revision }
      await transaction
        .insertInto('grants')
        .values(row)
        .onConflict((conflict) => conflict.columns(['clientId', 'resource']).doUpdateSet(row))
        .execute()
      return
    }
    case 'signingKey': {
      const publicJwk = JSON.stringify(change.record.publicJwk)
      const row = { ...change.record, publicJwk, revision }
      await transaction
        .insertInto('signingKeys')
        .values(row)
        .onConflict((conflict) => conflict.column('kid').doUpdateSet(row))
        .execute()
    }
  }
}

/** The revision at which a change's record last changed; `undefined` where there is none. */
export async function recordRevision(
  transaction: Transaction<RegistryDatabase>,
  change: RegistryChange,
): Promise<number | undefined> {
  const row = await recordQuery(transaction, change).executeTakeFirst()
  return row === undefined ? undefined : Number(row.revision)
}

/** Whether there is any record of a change's kind. */
export async function hasRecords(
  transaction: Transaction<RegistryDatabase>,
  { kind }: RegistryChange,
): Promise<boolean> {
  const query = transaction.selectFrom(TABLES[kind]).select('revision').limit(1)
  return (await query.executeTakeFirst()) !== undefined
}

/** Every record that changed after `since`. */
export async function recordsSince(
  transaction: Transaction<RegistryDatabase>,
  since: number,
): Promise<Omit<RegistryChanges, 'revision'>> {
  const changed = <T extends RecordTable>(table: T): Promise<Row<T>[]> => {
    // The compiler gives up on a table whose name is a type parameter.
    const name: RecordTable = table
    const query = transaction.selectFrom(name).selectAll().where('revision', '>', since)
    return query.execute() as Promise<Row<T>[]>
  }
  return {
    clients: (await changed('clients')).map(withoutRevision),
    credentials: (await changed('credentials')).map(withoutRevision),
    resources: (await changed('resources')).map(toResource),
    grants: (await changed('grants')).map(toGrant),
    signingKeys: (await changed('signingKeys')).map(toSigningKey),
  }
}

type RecordTable = Exclude<keyof RegistryDatabase, 'registry'>

const TABLES = {
  client: 'clients',
  credential: 'credentials',
  resource: 'resources',
  grant: 'grants',
  signingKey: 'signingKeys',
} as const satisfies Record<RegistryChange['kind'], RecordTable>

function recordQuery(
  transaction: Transaction<RegistryDatabase>,
  change: RegistryChange,
): { executeTakeFirst(): Promise<Revised | undefined> } {
  switch (change.kind) {
    case 'client': {
      const { clientId } = change.record
      return transaction.selectFrom('clients').select('revision').where('clientId', '=', clientId)
    }
    case 'credential': {
      const { credentialId } = change.record
      return transaction
        .selectFrom('credentials')
        .select('revision')
        .where('credentialId', '=', credentialId)
    }
    case 'resource': {
      const { resource } = change.record
      return transaction.selectFrom('resources').select('revision').where('resource', '=', resource)
    }
    case 'grant': {
      const { clientId, resource } = change.record
      return transaction
        .selectFrom('grants')
        .select('revision')
        .where('clientId', '=', clientId)
        .where('resource', '=', resource)
    }
    case 'signingKey': {
      const { kid } = change.record
      return transaction.selectFrom('signingKeys').select('revision').where('kid', '=', kid)
    }
  }
}

function withoutRevision<T extends Revised>(row: T): Omit<T, 'revision'> {
  const { revision: _revision, ...record } = row
  return record
}

function toResource(row: Row<'resources'>): ResourceRecord {
  return { ...withoutRevision(row), scopes: JSON.parse(row.scopes) as string[] }
}

function toGrant(row: Row<'grants'>): GrantRecord {
  return { ...withoutRevision(row), scopes: JSON.parse(row.scopes) as string[] }
}

function toSigningKey(row: Row<'signingKeys'>): SigningKeyRecord {
  const publicJwk = JSON.parse(row.publicJwk) as SigningKeyRecord['publicJwk']
  return { ...withoutRevision(row), publicJwk }
}
