// The public API of @countersign/stores/memory. Written by: npm run check -- --update

import { RegistryStore } from '@countersign/server'

export {
  memoryRegistryStore,
}

function memoryRegistryStore(): RegistryStore;
