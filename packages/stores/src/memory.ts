/**
 * A server's store in memory.
 *
 * @module
 */
export { memoryStore } from './lib/memory/memory-store.ts'
