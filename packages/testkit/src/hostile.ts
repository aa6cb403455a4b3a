/**
 * Requests that an API must refuse, as data, and what fires them at a running API. Needs no test
 * runner.
 *
 * @module
 */
export {
  fireCases,
  type HostileOutcome,
  type HostileReport,
  type HostileResult,
  type HostileTarget,
} from './lib/hostile/fire-cases.ts'
export type {
  HostileCase,
  HostileContext,
  HostileGroup,
  HostileMessage,
  HostileRequest,
} from './lib/hostile/hostile-case.ts'
export { HOSTILE_CASES, HOSTILE_PROOF_CASES } from './lib/hostile/hostile-cases.ts'
export { formatHostileReport } from './lib/hostile/hostile-report.ts'
export { proofMint, type ProofMint } from './lib/proof-mint.ts'
export { startTokenIssuer, type TokenIssuer, type TokenIssuerOptions } from './lib/token-issuer.ts'
export {
  tokenMint,
  type MintAlgorithm,
  type TokenMint,
  type TokenMintOptions,
} from './lib/token-mint.ts'
