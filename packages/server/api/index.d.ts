// The public API of @countersign/server. Written by: npm run check -- --update

import { JsonObject } from '@countersign/protocol'
import { Parsed } from '@countersign/protocol'
import { ProxyCertificateOptions } from '@countersign/verify'
import { TokenErrorCode } from '@countersign/protocol'

export {
  AddedCredential,
  Administration,
  AdministrationError,
  AdministrationErrorCode,
  AdministrationOptions,
  ApplyResult,
  AssertionAudience,
  AuditEntry,
  AuditLog,
  AuthenticationMethodName,
  AuthenticationReason,
  AuthenticationSettings,
  AuthorizationDetailsSchema,
  AuthorizationServer,
  AuthorizationServerOptions,
  CertificateProof,
  CertificateSubjectProof,
  ChangeAudit,
  ClaimsContext,
  ClaimsHook,
  ClientAdministration,
  ClientRecord,
  ClientSummary,
  Connection,
  CreatedClient,
  CreatedCredential,
  CredentialAdministration,
  CredentialBase,
  CredentialProof,
  CredentialRecord,
  CredentialSummary,
  CredentialUse,
  EventListener,
  Explanation,
  ExplanationAdministration,
  FederatedProof,
  GrantRecord,
  GrantedScope,
  HousekeepingFailed,
  ImportedSecretProof,
  IntrospectionResult,
  KeyAdministration,
  KeyRotation,
  KeySetProof,
  MasterKey,
  NewCertificate,
  NewCertificateSubject,
  NewCredential,
  NewCredentialBase,
  NewFederatedIdentity,
  NewImportedSecret,
  NewKeySet,
  NewPublicKey,
  NewSecret,
  NewTrustedIssuer,
  OpaqueTokenRecord,
  OpaqueTokenStore,
  Precondition,
  PublicKeyProof,
  REFUSAL_REASONS,
  RESERVED_CLAIMS,
  RecordKind,
  RecordState,
  RefusalReason,
  RefusalReasonEntry,
  RegistryChange,
  RegistryChanges,
  RegistryConflict,
  RegistryRecord,
  RegistryStore,
  ReplayStore,
  ReplayStoreProven,
  ReplayStoreUnproven,
  RequestFailed,
  RequestRefused,
  ResourceAdministration,
  ResourceRecord,
  ResourceSettings,
  RevocationAdministration,
  RevocationRecord,
  RevocationTarget,
  SIGNING_ALGORITHMS,
  ScopeUsageAdministration,
  ScopeUse,
  Secret,
  SecretProof,
  SenderConstraint,
  ServerError,
  ServerErrorCode,
  ServerEvent,
  ServerStore,
  Signer,
  Signers,
  SigningAlgorithm,
  SigningKeyCreated,
  SigningKeyDestroyed,
  SigningKeyFailed,
  SigningKeyRecord,
  SigningKeySummary,
  SigningKeyUnusable,
  SnapshotFailed,
  SnapshotRecovered,
  StoreFailed,
  TokenIntrospected,
  TokenIssued,
  TokenMarksMerged,
  TokenOptions,
  TokenRevoked,
  TrustedIssuerAdministration,
  TrustedIssuerRecord,
  UsageReported,
  UsageStore,
  UsedCredential,
  createAdministration,
  createAuthorizationServer,
  formatMasterKeys,
  generateMasterKey,
  isGeneratedSecret,
  parseMasterKeys,
  recordKey,
}

const AUTHENTICATION_METHOD_NAMES: readonly ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'];

interface AddedCredential {
    readonly client: ClientRecord;
    readonly credential: CredentialSummary;
    readonly secret: Secret | undefined;
}

interface Administration extends ClientAdministration, CredentialAdministration, TrustedIssuerAdministration, ResourceAdministration, KeyAdministration, RevocationAdministration, ScopeUsageAdministration, ExplanationAdministration {
}

class AdministrationError extends Error {
    readonly name = "AdministrationError";
    readonly code: AdministrationErrorCode;
    constructor(code: AdministrationErrorCode, message: string);
}

type AdministrationErrorCode = 'client_exists' | 'client_unknown' | 'credential_unknown' | 'too_many_credentials' | 'issuer_exists' | 'issuer_unknown' | 'resource_exists' | 'resource_unknown' | 'scope_unknown' | 'authorization_details_unknown' | 'signing_key_unknown' | 'algorithm_unavailable' | 'conflict' | 'master_key_wrong';

interface AdministrationOptions {
    readonly store: ServerStore;
    readonly masterKeys: readonly MasterKey[];
    readonly signers?: Signers;
    readonly signerTimeout?: number;
    readonly actor?: string;
    readonly now?: () => number;
}

type ApplyResult = {
    readonly applied: true;
    readonly revision: number;
    readonly audited?: boolean;
} | {
    readonly applied: false;
    readonly conflict: RegistryConflict;
};

type AssertionAudience = 'issuer' | 'issuer-or-token-endpoint';

interface AuditEntry {
    readonly at: number;
    readonly type: string;
    readonly correlationId: string | null;
    readonly clientId: string | null;
    readonly detail: JsonObject;
}

interface AuditLog {
    append(entries: readonly AuditEntry[]): Promise<void>;
    find(query: {
        readonly correlationId?: string;
        readonly clientId?: string;
        readonly type?: string;
        readonly limit: number;
    }): Promise<readonly AuditEntry[]>;
    forgetBefore(at: number): Promise<void>;
    close(): Promise<void>;
}

type AuthenticationMethodName = (typeof AUTHENTICATION_METHOD_NAMES)[number];

type AuthenticationReason = 'assertion_type_unsupported' | 'assertion_malformed' | 'assertion_typ_wrong' | 'assertion_issuer_unknown' | 'assertion_algorithm_wrong' | 'assertion_key_unknown' | 'assertion_signature_wrong' | 'assertion_subject_wrong' | 'assertion_audience_wrong' | 'assertion_claim_missing' | 'assertion_expired' | 'assertion_not_yet_valid' | 'assertion_life_too_long' | 'assertion_replayed' | 'credential_ended' | 'issuer_disabled' | 'identity_unknown' | 'identity_claims_differ' | 'identity_ambiguous' | 'certificate_proxy_untrusted' | 'certificate_malformed' | 'certificate_unverified' | 'certificate_unknown';

interface AuthenticationSettings {
    readonly profile?: 'fapi2';
    readonly assertionAudience?: AssertionAudience;
    readonly maxAssertionLifetime?: number;
    readonly clockTolerance?: number;
    readonly clientCertificates?: 'connection' | ProxyCertificateOptions;
    readonly mtlsOrigin?: string;
    readonly dpopNonce?: 'required' | 'optional';
    readonly fetch?: typeof globalThis.fetch;
}

interface AuthorizationDetailsSchema {
    readonly members: Readonly<Record<string, {
        readonly type: 'string' | 'number' | 'boolean' | 'string_list' | 'object';
        readonly required?: boolean;
        readonly values?: readonly string[];
    }>>;
}

interface AuthorizationServer extends AsyncDisposable {
    readonly issuer: string;
    fetch(request: Request, connection?: Connection): Promise<Response>;
    ready(): Promise<void>;
    refresh(): Promise<void>;
    readonly replayProven: boolean;
    metrics(request: Request): Promise<Response>;
    drain(): void;
    close(options?: {
        readonly deadline?: number;
    }): Promise<void>;
}

interface AuthorizationServerOptions extends TokenOptions, AuthenticationSettings {
    readonly issuer: string;
    readonly store: ServerStore;
    readonly masterKeys: readonly MasterKey[];
    readonly keyRotation?: Partial<KeyRotation> | 'off';
    readonly signers?: Signers;
    readonly signerTimeout?: number;
    readonly now?: () => number;
    readonly followInterval?: number;
    readonly bodyTimeout?: number;
    readonly staleAfter?: number;
    readonly auditRetention?: number;
    readonly onEvent?: EventListener;
}

interface CertificateProof {
    readonly kind: 'certificate';
    readonly thumbprint: string;
}

interface CertificateSubjectProof {
    readonly kind: 'certificate_subject';
    readonly member: 'subject_dn' | 'san_dns' | 'san_uri' | 'san_ip' | 'san_email';
    readonly value: string;
}

interface ChangeAudit {
    readonly log: AuditLog;
    readonly entries: readonly AuditEntry[];
}

type Claims = JsonObject | undefined;

interface ClaimsContext {
    readonly clientId: string;
    readonly client: ClientRecord;
    readonly resource: ResourceRecord;
    readonly scope: readonly string[];
}

type ClaimsHook = (context: ClaimsContext) => Claims | Promise<Claims>;

interface ClientAdministration {
    createClient(options?: {
        readonly clientId?: string;
        readonly name?: string;
    }): Promise<CreatedCredential>;
    createClient(options: {
        readonly clientId?: string;
        readonly name?: string;
        readonly credential: NewCredential | null;
    }): Promise<CreatedClient>;
    listClients(): Promise<readonly ClientSummary[]>;
    disableClient(clientId: string): Promise<ClientRecord>;
    enableClient(clientId: string): Promise<ClientRecord>;
    setAuthenticationMethods(clientId: string, methods: readonly AuthenticationMethodName[] | null): Promise<ClientRecord>;
    rotateSecret(clientId: string, options?: {
        readonly overlap?: number;
        readonly label?: string;
    }): Promise<CreatedCredential>;
}

interface ClientRecord {
    readonly clientId: string;
    readonly name: string;
    readonly state: RecordState;
    readonly authenticationMethods: readonly string[] | null;
    readonly createdAt: number;
}

interface ClientSummary extends ClientRecord {
    readonly credentials: readonly UsedCredential[];
    readonly grants: readonly GrantRecord[];
}

interface Connection {
    readonly remoteAddress: string | undefined;
    readonly peerCertificate: () => Uint8Array | undefined;
    readonly peerCertificateAuthorized: () => boolean;
}

type ConstraintReason = 'sender_constraint_missing' | 'dpop_nonce_needed' | 'dpop_proof_invalid' | 'dpop_proof_replayed';

interface CreatedClient {
    readonly client: ClientRecord;
    readonly credential: CredentialSummary | undefined;
    readonly secret: Secret | undefined;
}

interface CreatedCredential {
    readonly client: ClientRecord;
    readonly credential: CredentialSummary;
    readonly secret: Secret;
}

interface CredentialAdministration {
    addCredential(clientId: string, credential: NewCredential): Promise<AddedCredential>;
    retireCredential(credentialId: string, options?: {
        readonly at?: number;
    }): Promise<CredentialSummary>;
    disableCredential(credentialId: string): Promise<CredentialSummary>;
    enableCredential(credentialId: string): Promise<CredentialSummary>;
}

interface CredentialBase {
    readonly credentialId: string;
    readonly clientId: string;
    readonly label: string;
    readonly state: RecordState;
    readonly createdAt: number;
    readonly expiresAt: number | null;
}

type CredentialProof = SecretProof | ImportedSecretProof | PublicKeyProof | KeySetProof | CertificateProof | CertificateSubjectProof | FederatedProof;

type CredentialRecord = CredentialBase & CredentialProof;

type CredentialSummary = CredentialBase & {
    readonly kind: CredentialRecord['kind'];
};

interface CredentialUse {
    readonly credentialId: string;
    readonly clientId: string;
    readonly tokens: number;
    readonly lastUsedAt: number;
}

type EndpointReason = 'media_type' | 'body_too_large' | 'body_unreadable' | 'body_late' | 'parameter_repeated' | 'request_malformed' | 'token_missing' | 'token_of_another_client' | 'usage_malformed' | 'usage_not_for_caller';

interface EventBase {
    readonly at: number;
}

type EventListener = (event: ServerEvent) => void;

interface Explanation {
    readonly at: number;
    readonly correlationId: string;
    readonly type: string;
    readonly clientId: string | null;
    readonly reason: RefusalReason | null;
    readonly meaning: string;
    readonly cure: string;
    readonly facts: readonly string[];
    readonly detail: JsonObject;
}

interface ExplanationAdministration {
    explain(correlationId: string): Promise<Explanation | undefined>;
}

interface FederatedProof {
    readonly kind: 'federated';
    readonly issuer: string;
    readonly subject: string;
    readonly audience: string | null;
    readonly claims: Readonly<Record<string, string>>;
}

type ForeignReason = 'malformed' | 'wrong_type' | 'unknown_key' | 'bad_signature' | 'wrong_issuer' | 'unknown_token' | 'expired' | 'not_yet_valid';

type GrantReason = 'grant_type_unsupported' | 'client_without_grants' | 'scope_malformed' | 'scope_not_granted' | 'scope_across_resources' | 'resource_malformed' | 'several_resources' | 'resource_not_granted' | 'resource_ambiguous' | 'authorization_details_malformed' | 'authorization_details_not_granted' | 'authorization_details_invalid';

interface GrantRecord {
    readonly clientId: string;
    readonly resource: string;
    readonly scopes: readonly string[];
    readonly tokenLifetimeSeconds: number | null;
    readonly authorizationDetailsTypes: readonly string[];
    readonly createdAt: number;
}

interface GrantedScope {
    readonly clientId: string;
    readonly resource: string;
    readonly scope: string;
    readonly calls: number;
    readonly lastUsedAt: number | null;
    readonly toldSince: number | null;
}

interface HousekeepingFailed extends EventBase {
    readonly type: 'housekeeping.failed';
    readonly part: 'registry' | 'replay' | 'opaqueTokens' | 'audit';
    readonly error: unknown;
}

interface ImportedSecretProof {
    readonly kind: 'imported_secret';
    readonly hash: string;
}

type IntrospectionResult = 'active' | 'not_for_caller' | ForeignReason | TokenEnd;

interface KeyAdministration {
    rotateSigningKey(options?: {
        readonly announce?: number;
        readonly algorithm?: SigningAlgorithm;
    }): Promise<SigningKeySummary>;
    revokeSigningKey(kid: string): Promise<{
        readonly revoked: SigningKeySummary;
        readonly successor: SigningKeySummary;
    }>;
    resealSigningKeys(): Promise<{
        readonly resealed: readonly string[];
        readonly unopened: readonly string[];
    }>;
    listSigningKeys(): Promise<readonly SigningKeySummary[]>;
}

interface KeyRotation {
    readonly every: number;
    readonly announce: number;
    readonly retain: number;
}

interface KeySetProof {
    readonly kind: 'key_set';
    readonly jwksUri: string;
    readonly algorithms: readonly string[];
}

interface MasterKey {
    readonly version: number;
    readonly key: Uint8Array;
}

interface NewCertificate {
    readonly kind: 'certificate';
    readonly certificate: string;
}

interface NewCertificateSubject extends CertificateSubjectProof {
    readonly kind: 'certificate_subject';
}

type NewCredential = NewCredentialBase & (NewSecret | NewImportedSecret | NewPublicKey | NewKeySet | NewCertificate | NewCertificateSubject | NewFederatedIdentity);

interface NewCredentialBase {
    readonly label?: string;
    readonly expiresAt?: number;
}

interface NewFederatedIdentity {
    readonly kind: 'federated';
    readonly issuer: string;
    readonly subject: string;
    readonly audience?: string;
    readonly claims?: Readonly<Record<string, string>>;
}

interface NewImportedSecret {
    readonly kind: 'imported_secret';
    readonly secret: string;
}

interface NewKeySet {
    readonly kind: 'key_set';
    readonly jwksUri: string;
    readonly algorithms?: readonly string[];
}

interface NewPublicKey {
    readonly kind: 'public_key';
    readonly publicKey: JsonObject | string;
    readonly alg?: string;
    readonly kid?: string;
}

interface NewSecret {
    readonly kind: 'secret';
    readonly sealed?: boolean;
}

interface NewTrustedIssuer {
    readonly issuer: string;
    readonly name?: string;
    readonly jwksUri?: string;
    readonly jwks?: JsonObject;
    readonly algorithms?: readonly string[];
    readonly maxLifetimeSeconds?: number;
    readonly singleUse?: boolean;
}

interface OpaqueTokenRecord {
    readonly digest: string;
    readonly claims: JsonObject;
    readonly expiresAt: number;
}

interface OpaqueTokenStore {
    put(record: OpaqueTokenRecord): Promise<void> | undefined;
    get(digest: string): Promise<OpaqueTokenRecord | undefined>;
    forgetExpired(at: number): Promise<void>;
    close(): Promise<void>;
}

type Precondition = 'none' | 'absent' | 'present' | 'first' | {
    readonly unchangedSince: number;
} | {
    readonly aloneSince: number;
};

interface PublicKeyProof {
    readonly kind: 'public_key';
    readonly publicJwk: JsonObject;
    readonly alg: string;
}

const REFUSAL_REASONS: Readonly<Record<RefusalReason, RefusalReasonEntry>>;

const RESERVED_CLAIMS: readonly string[];

type RecordKind = RegistryRecord['kind'];

type RecordState = 'active' | 'disabled';

type RefusalReason = EndpointReason | SecretReason | AuthenticationReason | GrantReason | ConstraintReason;

interface RefusalReasonEntry {
    readonly error: TokenErrorCode;
    readonly status: 400 | 401 | 408 | 413;
    readonly description: string;
    readonly meaning: string;
    readonly cure: string;
}

type RegistryChange = RegistryRecord & {
    readonly require: Precondition;
};

interface RegistryChanges {
    readonly revision: number;
    readonly records: readonly RegistryRecord[];
}

interface RegistryConflict {
    readonly kind: RecordKind;
    readonly key: string;
    readonly require: Precondition;
}

type RegistryRecord = {
    readonly kind: 'client';
    readonly record: ClientRecord;
} | {
    readonly kind: 'credential';
    readonly record: CredentialRecord;
} | {
    readonly kind: 'resource';
    readonly record: ResourceRecord;
} | {
    readonly kind: 'grant';
    readonly record: GrantRecord;
} | {
    readonly kind: 'trusted_issuer';
    readonly record: TrustedIssuerRecord;
} | {
    readonly kind: 'signing_key';
    readonly record: SigningKeyRecord;
} | {
    readonly kind: 'revocation';
    readonly record: RevocationRecord;
};

interface RegistryStore {
    changesSince(revision: number, take?: (part: readonly RegistryRecord[]) => void): Promise<RegistryChanges>;
    apply(changes: readonly RegistryChange[], audit?: ChangeAudit): Promise<ApplyResult>;
    watch?(listener: () => void): () => void;
    forgetRevocations(at: number): Promise<void>;
    forgetMarks?(keys: readonly string[], revision: number): Promise<void>;
    close(): Promise<void>;
}

interface ReplayStore {
    reserve(key: string, expiresAt: number): Promise<boolean>;
    forgetExpired(at: number): Promise<void>;
    close(): Promise<void>;
}

interface ReplayStoreProven extends EventBase {
    readonly type: 'replay_store.proven';
}

interface ReplayStoreUnproven extends EventBase {
    readonly type: 'replay_store.unproven';
    readonly error: ServerError;
}

interface RequestFailed extends EventBase {
    readonly type: 'request.failed';
    readonly error: unknown;
    readonly correlationId: string;
}

interface RequestRefused extends EventBase {
    readonly type: 'token.refused' | 'introspection.refused' | 'revocation.refused' | 'usage.refused';
    readonly reason: RefusalReason;
    readonly error: string;
    readonly status: number;
    readonly clientId: string | undefined;
    readonly credentialId: string | undefined;
    readonly correlationId: string;
    readonly detail: JsonObject;
}

interface ResourceAdministration {
    createResource(options: ResourceSettings & {
        readonly resource: string;
        readonly scopes: readonly string[];
    }): Promise<ResourceRecord>;
    updateResource(options: ResourceSettings & {
        readonly resource: string;
        readonly scopes?: readonly string[];
    }): Promise<ResourceRecord>;
    disableResource(resource: string): Promise<ResourceRecord>;
    enableResource(resource: string): Promise<ResourceRecord>;
    listResources(): Promise<readonly ResourceRecord[]>;
    grant(options: {
        readonly clientId: string;
        readonly resource: string;
        readonly scopes: readonly string[];
        readonly tokenLifetimeSeconds?: number;
        readonly authorizationDetailsTypes?: readonly string[];
    }): Promise<GrantRecord>;
}

interface ResourceRecord {
    readonly resource: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly tokenLifetimeSeconds: number;
    readonly tokenFormat: 'jwt' | 'opaque';
    readonly signingAlgorithm: SigningAlgorithm;
    readonly senderConstraint: SenderConstraint;
    readonly introspectionClients: readonly string[];
    readonly authorizationDetails: Readonly<Record<string, AuthorizationDetailsSchema>>;
    readonly state: RecordState;
    readonly createdAt: number;
}

interface ResourceSettings {
    readonly name?: string;
    readonly tokenLifetimeSeconds?: number;
    readonly tokenFormat?: 'jwt' | 'opaque';
    readonly signingAlgorithm?: SigningAlgorithm;
    readonly senderConstraint?: SenderConstraint;
    readonly introspectionClients?: readonly string[];
    readonly authorizationDetails?: Readonly<Record<string, AuthorizationDetailsSchema>>;
}

interface RevocationAdministration {
    revokeToken(jti: string): Promise<RevocationRecord>;
    revokeClientTokens(clientId: string): Promise<RevocationRecord>;
    revokeCredentialTokens(credentialId: string): Promise<RevocationRecord>;
    revokeKeyTokens(kid: string): Promise<RevocationRecord>;
    revokeResourceTokens(resource: string): Promise<RevocationRecord>;
    listRevocations(): Promise<readonly RevocationRecord[]>;
}

interface RevocationRecord {
    readonly target: RevocationTarget;
    readonly id: string;
    readonly notAfter: number;
    readonly expiresAt: number;
    readonly createdAt: number;
    readonly clientId?: string;
}

type RevocationTarget = 'token' | 'client' | 'credential' | 'signing_key' | 'resource';

const SIGNING_ALGORITHMS: readonly SigningAlgorithm[];

interface ScopeUsageAdministration {
    listGrantedScopes(query?: {
        readonly clientId?: string;
    }): Promise<readonly GrantedScope[]>;
}

interface ScopeUse {
    readonly clientId: string;
    readonly resource: string;
    readonly scope: string;
    readonly calls: number;
    readonly firstUsedAt: number;
    readonly lastUsedAt: number;
}

interface Secret {
    reveal(): string;
    toString(): string;
    toJSON(): string;
}

interface SecretProof {
    readonly kind: 'secret';
    readonly digest: string;
    readonly masterKeyVersion: number;
    readonly sealedSecret: string | null;
}

type SecretReason = 'credentials_in_query' | 'several_methods' | 'client_id_differs' | 'credentials_missing' | 'method_unsupported' | 'method_not_allowed' | 'basic_malformed' | 'client_unknown' | 'client_disabled' | 'secret_malformed' | 'secret_expired' | 'secret_wrong' | 'master_key_missing';

type SenderConstraint = 'none' | 'dpop' | 'certificate' | 'any';

class ServerError extends Error {
    readonly name = "ServerError";
    readonly code: ServerErrorCode;
    readonly applied?: true;
    constructor(code: ServerErrorCode, message: string, options?: {
        readonly cause?: unknown;
        readonly applied?: true;
    });
}

type ServerErrorCode = 
'ERR_SIGNING_KEY'
 | 'ERR_SIGNER'
 | 'ERR_CLAIMS'
 | 'ERR_CLOSED'
 | 'ERR_STORE'
 | 'ERR_AUDIT'
 | 'ERR_REPLAY_STORE'
 | 'ERR_KEYS'
 | 'ERR_OVERLOADED';

type ServerEvent = TokenIssued | RequestRefused | TokenIntrospected | TokenRevoked | TokenMarksMerged | UsageReported | SigningKeyCreated | SigningKeyDestroyed | SigningKeyFailed | SigningKeyUnusable | SnapshotFailed | SnapshotRecovered | ReplayStoreUnproven | ReplayStoreProven | HousekeepingFailed | RequestFailed | StoreFailed;

interface ServerStore {
    readonly registry: RegistryStore;
    readonly replay: ReplayStore;
    readonly opaqueTokens: OpaqueTokenStore;
    readonly audit: AuditLog;
    readonly usage: UsageStore;
    close(): Promise<void>;
}

interface Signer {
    readonly algorithms: readonly SigningAlgorithm[];
    createKey(algorithm: SigningAlgorithm): Promise<{
        readonly key: string;
        readonly publicJwk: JsonObject;
    }>;
    sign(key: string, algorithm: SigningAlgorithm, data: Uint8Array): Promise<Uint8Array>;
    destroyKey?(key: string): Promise<void>;
}

type Signers = Readonly<Record<string, Signer>>;

type SigningAlgorithm = 'ES256' | 'Ed25519' | 'PS256' | 'RS256' | 'ML-DSA-44' | 'ML-DSA-65';

interface SigningKeyCreated extends EventBase {
    readonly type: 'signing_key.created';
    readonly kid: string;
    readonly alg: SigningAlgorithm;
    readonly signsFrom: number;
}

interface SigningKeyDestroyed extends EventBase {
    readonly type: 'signing_key.destroyed';
    readonly kid: string;
    readonly alg: SigningAlgorithm;
}

interface SigningKeyFailed extends EventBase {
    readonly type: 'signing_key.failed';
    readonly alg: SigningAlgorithm;
    readonly kid: string | undefined;
    readonly error: unknown;
}

interface SigningKeyRecord {
    readonly kid: string;
    readonly alg: SigningAlgorithm;
    readonly publicJwk: JsonObject;
    readonly sealedPrivateKey: string | null;
    readonly masterKeyVersion: number;
    readonly externalKey: string | null;
    readonly createdAt: number;
    readonly signsFrom: number;
    readonly withdrawAt: number | null;
}

type SigningKeySummary = Omit<SigningKeyRecord, 'sealedPrivateKey'>;

interface SigningKeyUnusable extends EventBase {
    readonly type: 'signing_key.unusable';
    readonly kid: string;
    readonly masterKeyVersion: number;
}

interface SnapshotFailed extends EventBase {
    readonly type: 'snapshot.failed';
    readonly error: unknown;
    readonly lastReadAt: number | undefined;
}

interface SnapshotRecovered extends EventBase {
    readonly type: 'snapshot.recovered';
}

interface StoreFailed extends EventBase {
    readonly type: 'store.failed';
    readonly part: 'audit' | 'usage';
    readonly error: unknown;
    readonly kept: number;
    readonly dropped: number;
}

type TokenEnd = 'revoked' | 'client_disabled' | 'credential_disabled' | 'resource_disabled';

interface TokenIntrospected extends EventBase {
    readonly type: 'token.introspected';
    readonly clientId: string;
    readonly credentialId: string;
    readonly result: IntrospectionResult;
}

interface TokenIssued extends EventBase {
    readonly type: 'token.issued';
    readonly clientId: string;
    readonly credentialId: string;
    readonly method: string;
    readonly resource: string;
    readonly scope: readonly string[];
    readonly jti: string;
    readonly kid: string | undefined;
    readonly expiresAt: number;
}

interface TokenMarksMerged extends EventBase {
    readonly type: 'token_marks.merged';
    readonly clientId: string;
    readonly notAfter: number;
    readonly marks: number;
}

interface TokenOptions {
    readonly claims?: ClaimsHook;
    readonly claimsTimeout?: number;
    readonly reuseWindow?: number;
}

interface TokenRevoked extends EventBase {
    readonly type: 'token.revoked';
    readonly clientId: string;
    readonly credentialId: string;
    readonly jti: string;
}

interface TrustedIssuerAdministration {
    createTrustedIssuer(options: NewTrustedIssuer): Promise<TrustedIssuerRecord>;
    listTrustedIssuers(): Promise<readonly TrustedIssuerRecord[]>;
    disableTrustedIssuer(issuer: string): Promise<TrustedIssuerRecord>;
    enableTrustedIssuer(issuer: string): Promise<TrustedIssuerRecord>;
}

interface TrustedIssuerRecord {
    readonly issuer: string;
    readonly name: string;
    readonly jwksUri: string | null;
    readonly jwks: JsonObject | null;
    readonly algorithms: readonly string[];
    readonly maxLifetimeSeconds: number;
    readonly singleUse: boolean;
    readonly state: RecordState;
    readonly createdAt: number;
}

interface UsageReported extends EventBase {
    readonly type: 'usage.reported';
    readonly clientId: string;
    readonly credentialId: string;
    readonly resource: string;
    readonly uses: readonly ScopeUse[];
    readonly unknown: number;
}

interface UsageStore {
    add(uses: readonly CredentialUse[]): Promise<void>;
    read(query?: {
        readonly clientId?: string;
    }): Promise<readonly CredentialUse[]>;
    addScopes(uses: readonly ScopeUse[]): Promise<void>;
    readScopes(query?: {
        readonly resource?: string;
    }): Promise<readonly ScopeUse[]>;
    close(): Promise<void>;
}

type UsedCredential = CredentialSummary & {
    readonly lastUsedAt: number | null;
    readonly tokens: number;
    readonly safeToRetire: boolean;
};

function createAdministration(options: AdministrationOptions): Administration;

function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer;

function formatMasterKeys(masterKeys: readonly MasterKey[]): string;

function generateMasterKey(version?: number): MasterKey;

function isGeneratedSecret(text: string): boolean;

function parseMasterKeys(text: string): Parsed<readonly MasterKey[]>;

function recordKey(one: RegistryRecord): string;
