/**
 * A server's store in memory.
 *
 * @module
 */
export { memoryStore, type MemoryStoreOptions } from './lib/memory/memory-store.ts'
