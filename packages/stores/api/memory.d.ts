// The public API of @countersign/stores/memory. Written by: npm run check -- --update

import { ServerStore } from '@countersign/server'

export {
  memoryStore,
}

function memoryStore(): ServerStore;
