/**
 * A token store in a folder of files, for commands and batch jobs of one machine.
 *
 * @module
 */
export { fileTokenStore, type FileTokenStoreOptions } from './lib/token-file/file-token-store.ts'
