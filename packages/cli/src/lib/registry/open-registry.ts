import {
  createAdministration,
  type Administration,
  type MasterKey,
  type ServerStore,
} from '@countersign/server'
import type { Call } from '../command.ts'
import { CommandFailure, usageFailure } from '../errors/command-failure.ts'
import { databaseExists, masterKeys } from './master-keys.ts'
import { openStore } from './open-store.ts'
import { planningStore } from './planned-changes.ts'
import { isPostgresUrl } from './postgres-url.ts'
import { registryPaths, type RegistryPaths } from './registry-options.ts'

/** A registry that is open. Whoever opened it closes `store`. */
export interface OpenRegistry {
  readonly paths: RegistryPaths
  readonly store: ServerStore
  readonly masterKeys: readonly MasterKey[]
  readonly administration: Administration
}

/** Opens the registry that a call names; with `create`, makes it where there is none. */
export async function openRegistry(
  call: Call,
  { create }: { readonly create: boolean },
): Promise<OpenRegistry> {
  const paths = registryPaths(call)
  if (paths.db === ':memory:') {
    throw usageFailure(
      'a database in memory ends with the command',
      'Name a file, or use countersign dev',
    )
  }
  const opened = openStore(paths.db)
  try {
    const isThere = await registryExists(paths.db, opened)
    const mayMake = create && call.planned === undefined
    if (!mayMake && !isThere) throw noRegistry(paths.db)
    const keys = masterKeys(paths, { create: mayMake && !isThere })
    const store = call.planned === undefined ? opened : planningStore(opened, call.planned)
    const administration = createAdministration({ store, masterKeys: keys, now: call.now })
    return { paths, store, masterKeys: keys, administration }
  } catch (error) {
    await opened.close()
    throw error
  }
}

async function registryExists(db: string, store: ServerStore): Promise<boolean> {
  if (!isPostgresUrl(db)) return databaseExists(db)
  return (await store.registry.changesSince(Number.MAX_SAFE_INTEGER)).revision > 0
}

function noRegistry(db: string): CommandFailure {
  const what = isPostgresUrl(db)
    ? 'there is no registry in this PostgreSQL'
    : `there is no database at ${db}`
  return new CommandFailure('configuration', what, {
    cure: 'Name it with --db PATH, or make it: countersign serve, or client create ID --create',
  })
}

/** Does `work` on the registry that a call names, and closes it. */
export async function withAdministration<T>(
  call: Call,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const create = call.arguments.flag('create')
  const { administration, store } = await openRegistry(call, { create })
  try {
    return await work(administration)
  } finally {
    await store.close()
  }
}
