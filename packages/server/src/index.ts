/**
 * An OAuth 2.0 authorization server for machines: the client credentials grant, and what it needs.
 *
 * @module
 */
export { createAuthorizationServer, type AuthorizationServer } from './lib/authorization-server.ts'
export type { AuthorizationServerOptions } from './lib/server-options.ts'
export type {
  EventListener,
  IntrospectionResult,
  HousekeepingFailed,
  ReplayStoreProven,
  ReplayStoreUnproven,
  RequestFailed,
  RequestRefused,
  ServerEvent,
  SigningKeyCreated,
  SigningKeyDestroyed,
  SigningKeyFailed,
  SigningKeyUnusable,
  SnapshotFailed,
  SnapshotRecovered,
  StoreFailed,
  TokenIntrospected,
  TokenIssued,
  TokenRevoked,
  TokenMarksMerged,
  UsageReported,
} from './lib/events.ts'
export type { KeyRotation } from './lib/keys/key-plan.ts'
export type { Signer, Signers } from './lib/keys/signer.ts'
export { SIGNING_ALGORITHMS } from './lib/keys/signing-algorithm.ts'
export type { TokenOptions } from './lib/tokens/access-token-issuer.ts'
export { RESERVED_CLAIMS, type ClaimsContext, type ClaimsHook } from './lib/tokens/custom-claims.ts'
export type { Connection } from './lib/http/connection.ts'
export {
  REFUSAL_REASONS,
  type RefusalReason,
  type RefusalReasonEntry,
} from './lib/refusal-reasons.ts'
export { ServerError, type ServerErrorCode } from './lib/server-error.ts'

export {
  createAdministration,
  type Administration,
  type AdministrationOptions,
} from './lib/administration/administration.ts'
export {
  AdministrationError,
  type AdministrationErrorCode,
} from './lib/administration/administration-error.ts'
export type {
  ClientAdministration,
  CreatedClient,
  CreatedCredential,
} from './lib/administration/client-administration.ts'
export type {
  ClientSummary,
  CredentialSummary,
  UsedCredential,
} from './lib/administration/client-summary.ts'
export type {
  AddedCredential,
  CredentialAdministration,
} from './lib/administration/credential-administration.ts'
export type {
  NewCertificate,
  NewCertificateSubject,
  NewCredential,
  NewCredentialBase,
  NewFederatedIdentity,
  NewImportedSecret,
  NewKeySet,
  NewPublicKey,
  NewSecret,
} from './lib/administration/new-credential.ts'
export type {
  NewTrustedIssuer,
  TrustedIssuerAdministration,
} from './lib/administration/trusted-issuer-administration.ts'
export type { AssertionAudience } from './lib/client-authentication/assertion-audience.ts'
export type { AuthenticationSettings } from './lib/client-authentication/authentication-settings.ts'
export type { AuthenticationReason } from './lib/client-authentication/authentication-reasons.ts'
export type { AuthenticationMethodName } from './lib/client-authentication/method-names.ts'
export type {
  KeyAdministration,
  SigningKeySummary,
} from './lib/administration/key-administration.ts'
export type {
  ResourceAdministration,
  ResourceSettings,
} from './lib/administration/resource-administration.ts'
export type { Explanation, ExplanationAdministration } from './lib/administration/explanation.ts'
export type { GrantedScope, ScopeUsageAdministration } from './lib/administration/scope-usage.ts'
export type { RevocationAdministration } from './lib/administration/revocation-administration.ts'

export type {
  AuthorizationDetailsSchema,
  CertificateProof,
  CertificateSubjectProof,
  ClientRecord,
  CredentialBase,
  CredentialProof,
  CredentialRecord,
  FederatedProof,
  GrantRecord,
  ImportedSecretProof,
  KeySetProof,
  PublicKeyProof,
  RecordState,
  ResourceRecord,
  RevocationRecord,
  RevocationTarget,
  SecretProof,
  SenderConstraint,
  SigningAlgorithm,
  SigningKeyRecord,
  TrustedIssuerRecord,
} from './lib/registry/records.ts'
export {
  recordKey,
  type ApplyResult,
  type ChangeAudit,
  type Precondition,
  type RecordKind,
  type RegistryChange,
  type RegistryChanges,
  type RegistryConflict,
  type RegistryRecord,
  type RegistryStore,
} from './lib/registry/registry-store.ts'

export type { AuditEntry, AuditLog } from './lib/stores/audit-log.ts'
export type { OpaqueTokenRecord, OpaqueTokenStore } from './lib/stores/opaque-token-store.ts'
export type { ReplayStore } from './lib/stores/replay-store.ts'
export type { ServerStore } from './lib/stores/server-store.ts'
export type { CredentialUse, ScopeUse, UsageStore } from './lib/stores/usage-store.ts'

export { isGeneratedSecret } from './lib/secrets/generated-secret.ts'
export {
  formatMasterKeys,
  generateMasterKey,
  parseMasterKeys,
  type MasterKey,
} from './lib/secrets/master-key.ts'
export type { Secret } from './lib/secrets/secret.ts'
