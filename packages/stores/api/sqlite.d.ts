// The public API of @countersign/stores/sqlite. Written by: npm run check -- --update

import { ServerStore } from '@countersign/server'

export {
  SqliteStoreOptions,
  backUpSqlite,
  sqliteStore,
}

interface SqliteStoreOptions {
    readonly path: string;
}

function backUpSqlite(options: {
    readonly path: string;
    readonly to: string;
}): Promise<void>;

function sqliteStore(options: SqliteStoreOptions): ServerStore;
