/**
 * Contract suites: what every implementation of a contract must do, as Vitest tests.
 *
 * @module
 */
export {
  auditLogContract,
  type AuditLogContractOptions,
} from './lib/contracts/audit-log-contract.ts'
export {
  opaqueTokenStoreContract,
  type OpaqueTokenStoreContractOptions,
} from './lib/contracts/opaque-token-store-contract.ts'
export {
  registryStoreContract,
  type RegistryStoreContractOptions,
} from './lib/contracts/registry-store-contract.ts'
export {
  replayStoreContract,
  type ReplayStoreContractOptions,
} from './lib/contracts/replay-store-contract.ts'
export {
  serverStoreContract,
  type ServerStoreContractOptions,
} from './lib/contracts/server-store-contract.ts'
export {
  tokenStoreContract,
  type TokenStoreContractOptions,
} from './lib/contracts/token-store-contract.ts'
export {
  usageStoreContract,
  type UsageStoreContractOptions,
} from './lib/contracts/usage-store-contract.ts'
export { guardContract, type ServeGuarded } from './lib/contracts/guard-contract.ts'
export { PROVIDER_TOKENS } from './lib/provider-tokens/provider-tokens.ts'
export type { ProviderToken } from './lib/provider-tokens/provider-token.ts'
export {
  tokenMint,
  type MintAlgorithm,
  type TokenMint,
  type TokenMintOptions,
} from './lib/token-mint.ts'
export { proofMint, type ProofMint } from './lib/proof-mint.ts'
