/**
 * Tokens shared by the processes of a fleet.
 *
 * @module
 */
export { shared, type SharedOptions } from './lib/shared/shared-source.ts'
export { sharedTokens } from './lib/shared/shared-tokens.ts'
export { type SharingOptions } from './lib/shared/sharing-options.ts'
export { tokenCacheKey, type TokenKeyParts, type TokenOwner } from './lib/shared/token-cache-key.ts'
export { generateStoreKey } from '@countersign/protocol'
export { StoreError, type StoreOperation } from './lib/shared/store-error.ts'
export type { TokenLease, TokenStore, TokenStoreEntry } from './lib/shared/token-store.ts'
