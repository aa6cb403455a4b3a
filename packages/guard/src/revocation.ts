/**
 * Ends tokens before their time: marks of your own, the issuer's feed, status lists, a hook.
 *
 * @module
 */
export type {
  RevocationCheck,
  RevocationContext,
  RevocationSource,
  Standing,
  WhenUnknown,
} from './lib/revocation/revocation-check.ts'
export { revocationFeed, type RevocationFeedOptions } from './lib/revocation/revocation-feed.ts'
export {
  revocationHook,
  type RevocationHookOptions,
  type TokenFacts,
} from './lib/revocation/revocation-hook.ts'
export {
  revocationMarks,
  type MarkOptions,
  type MarkTarget,
  type RevocationMarks,
  type RevocationMarksOptions,
} from './lib/revocation/revocation-marks.ts'
export { statusLists, type StatusListsOptions } from './lib/revocation/status-lists.ts'
