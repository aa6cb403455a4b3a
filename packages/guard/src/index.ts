/**
 * Protects an API: verifies access tokens and says exactly why a call was refused.
 *
 * @module
 */
export { ArgumentError, generateStoreKey, type ArgumentErrorCode } from '@countersign/protocol'
export type { IssuerDocument, LoadFault, SignatureAlgorithm } from '@countersign/verify'
export type {
  OpenApiOptions,
  OpenApiSecurity,
  OpenApiSecurityRequirement,
  OpenApiSecurityScheme,
} from './lib/declaration/open-api-security.ts'
export {
  protectedResource,
  type DeclaredGuardOptions,
  type ProtectedResource,
  type PublishedMetadata,
} from './lib/declaration/protected-resource.ts'
export type { ProtectedResourceOptions } from './lib/declaration/protected-resource-options.ts'
export type { DpopOptions } from './lib/binding/dpop-options.ts'
export type { ProofReplayStore, ProofReservation } from './lib/binding/proof-replay.ts'
export type { CertificateOrigin } from './lib/binding/request-certificate.ts'
export type { TokenCacheOptions } from './lib/cache/token-cache-options.ts'
export type { Check, CheckName, Explanation } from './lib/explain/explanation.ts'
export { EXPOSED_HEADERS } from './lib/adapters/exposed-headers.ts'
export { createGuard, type Guard } from './lib/guard/create-guard.ts'
export { GuardError, type GuardErrorCode } from './lib/guard/guard-error.ts'
export type { AllowedEvent, GuardEvent, IssuerEvent } from './lib/guard/guard-event.ts'
export type { GuardOptions } from './lib/guard/guard-options.ts'
export type { KeyOptions } from './lib/issuer/key-options.ts'
export type { GuardRequest } from './lib/guard/guard-request.ts'
export type { IssuerOptions } from './lib/issuer/issuer-options.ts'
export type { AnswerStore, AnswerStoreEntry } from './lib/introspection/answer-store.ts'
export type { IntrospectionFault } from './lib/introspection/ask-about-token.ts'
export type { IntrospectionOptions } from './lib/introspection/introspection-options.ts'
export type { SharingFault } from './lib/introspection/shared-answers.ts'
export type { AnswerSharingOptions } from './lib/introspection/sharing-options.ts'
export { rateLimitKey } from './lib/verdict/rate-limit-key.ts'
export type { RevocationSourceKind } from './lib/revocation/revocation-check.ts'
export type { RevocationFault } from './lib/revocation/revocation-fault.ts'
export type { ProfileName } from './lib/profile/token-profile.ts'
export { declareRule, type Rule, type ScopeRule } from './lib/rule/rule.ts'
export { DENIAL_REASONS, type Denial, type DenialReason } from './lib/verdict/denial-reasons.ts'
export type {
  ClientPrincipal,
  Principal,
  PrincipalKind,
  PrincipalOf,
  Rights,
  UserPrincipal,
} from './lib/verdict/principal.ts'
export type { Allowed, Denied, Verdict, VerifiedToken } from './lib/verdict/verdict.ts'
