// The public API of @countersign/stores/token-memory. Written by: npm run check -- --update

import { TokenStore } from '@countersign/client/sharing'

export {
  MemoryTokenStoreOptions,
  memoryTokenStore,
}

interface MemoryTokenStoreOptions {
    readonly limit?: number;
    readonly now?: () => number;
}

function memoryTokenStore(options?: MemoryTokenStoreOptions): TokenStore;
