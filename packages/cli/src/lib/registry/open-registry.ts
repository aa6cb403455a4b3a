import {
  createAdministration,
  type Administration,
  type MasterKey,
  type ServerStore,
} from '@countersign/server'
import { sqliteStore } from '@countersign/stores/sqlite'
import type { Call } from '../command.ts'
import { CommandFailure, usageFailure } from '../errors/command-failure.ts'
import { databaseExists, masterKeys } from './master-keys.ts'
import { planningStore } from './planned-changes.ts'
import { registryPaths, type RegistryPaths } from './registry-options.ts'

/** A registry that is open. Whoever opened it closes `store`. */
export interface OpenRegistry {
  readonly paths: RegistryPaths
  readonly store: ServerStore
  readonly masterKeys: readonly MasterKey[]
  readonly administration: Administration
}

/** Opens the registry that a call names; with `create`, makes it where there is none. */
export function openRegistry(call: Call, { create }: { readonly create: boolean }): OpenRegistry {
  const paths = registryPaths(call)
  if (paths.db === ':memory:') {
    throw usageFailure(
      'a database in memory ends with the command',
      'Name a file, or use countersign dev',
    )
  }
  const mayMake = create && call.planned === undefined
  if (!mayMake && !databaseExists(paths.db)) {
    throw new CommandFailure('configuration', `there is no database at ${paths.db}`, {
      cure: 'Name it with --db PATH, or make it: countersign serve, or client create ID --create',
    })
  }
  const keys = masterKeys(paths, { create: mayMake })
  const opened = sqliteStore({ path: paths.db })
  const store = call.planned === undefined ? opened : planningStore(opened, call.planned)
  const administration = createAdministration({ store, masterKeys: keys, now: call.now })
  return { paths, store, masterKeys: keys, administration }
}

/** Does `work` on the registry that a call names, and closes it. */
export async function withAdministration<T>(
  call: Call,
  work: (administration: Administration) => Promise<T>,
): Promise<T> {
  const { administration, store } = openRegistry(call, { create: call.arguments.flag('create') })
  try {
    return await work(administration)
  } finally {
    await store.close()
  }
}
