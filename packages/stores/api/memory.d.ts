// The public API of @countersign/stores/memory. Written by: npm run check -- --update

import { ServerStore } from '@countersign/server'

export {
  MemoryStoreOptions,
  memoryStore,
}

interface MemoryStoreOptions {
    readonly maxEntries?: number;
}

function memoryStore(options?: MemoryStoreOptions): ServerStore;
