/**
 * A token store in memory.
 *
 * @module
 */
export {
  memoryTokenStore,
  type MemoryTokenStoreOptions,
} from './lib/token-memory/memory-token-store.ts'
