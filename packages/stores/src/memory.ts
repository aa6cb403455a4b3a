/**
 * A registry store in memory.
 *
 * @module
 */
export { memoryRegistryStore } from './lib/memory/memory-registry-store.ts'
