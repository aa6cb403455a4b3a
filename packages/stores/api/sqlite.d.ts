// The public API of @countersign/stores/sqlite. Written by: npm run check -- --update

import { RegistryStore } from '@countersign/server'

export {
  SqliteRegistryStoreOptions,
  sqliteRegistryStore,
}

interface SqliteRegistryStoreOptions {
    readonly path: string;
}

function sqliteRegistryStore(options: SqliteRegistryStoreOptions): RegistryStore;
