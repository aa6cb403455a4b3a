// The public API of @countersign/stores/sqlite. Written by: npm run check -- --update

import { ServerStore } from '@countersign/server'

export {
  SqliteStoreOptions,
  sqliteStore,
}

interface SqliteStoreOptions {
    readonly path: string;
}

function sqliteStore(options: SqliteStoreOptions): ServerStore;
