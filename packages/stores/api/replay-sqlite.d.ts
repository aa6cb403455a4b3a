// The public API of @countersign/stores/replay-sqlite. Written by: npm run check -- --update

import { ReplayStore } from '@countersign/server'

export {
  SqliteReplayStoreOptions,
  sqliteReplayStore,
}

interface SqliteReplayStoreOptions {
    readonly path: string;
    readonly now?: () => number;
}

function sqliteReplayStore(options: SqliteReplayStoreOptions): ReplayStore;
