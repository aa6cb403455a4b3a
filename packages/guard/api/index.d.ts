// The public API of @countersign/guard. Written by: npm run check -- --update

import { AccessTokenClaims } from '@countersign/protocol'
import { ArgumentError } from '@countersign/protocol'
import { ArgumentErrorCode } from '@countersign/protocol'
import { DocumentEvent } from '@countersign/verify'
import { DpopFault } from '@countersign/verify'
import { Issuer } from '@countersign/protocol'
import { IssuerDocument } from '@countersign/verify'
import { JsonObject } from '@countersign/protocol'
import { KeySource } from '@countersign/verify'
import { LoadFault } from '@countersign/verify'
import { ProxyCertificateOptions } from '@countersign/verify'
import { SealFault } from '@countersign/protocol'
import { SignatureAlgorithm } from '@countersign/verify'
import { generateStoreKey } from '@countersign/protocol'

export {
  Allowed,
  AllowedEvent,
  AnswerSharingOptions,
  AnswerStore,
  AnswerStoreEntry,
  ArgumentError,
  ArgumentErrorCode,
  CertificateOrigin,
  Check,
  CheckName,
  ClientPrincipal,
  DENIAL_REASONS,
  DeclaredGuardOptions,
  Denial,
  DenialReason,
  Denied,
  DpopOptions,
  EXPOSED_HEADERS,
  Explanation,
  Guard,
  GuardError,
  GuardErrorCode,
  GuardEvent,
  GuardOptions,
  GuardRequest,
  IntrospectionFault,
  IntrospectionOptions,
  IssuerDocument,
  IssuerEvent,
  IssuerOptions,
  KeyOptions,
  LoadFault,
  OpenApiOptions,
  OpenApiSecurity,
  OpenApiSecurityRequirement,
  OpenApiSecurityScheme,
  Principal,
  PrincipalKind,
  PrincipalOf,
  ProfileName,
  ProofReplayStore,
  ProofReservation,
  ProtectedResource,
  ProtectedResourceOptions,
  PublishedMetadata,
  RevocationFault,
  RevocationSourceKind,
  Rights,
  Rule,
  ScopeRule,
  SharingFault,
  SignatureAlgorithm,
  TokenCacheOptions,
  UserPrincipal,
  Verdict,
  VerifiedToken,
  createGuard,
  declareRule,
  generateStoreKey,
  protectedResource,
  rateLimitKey,
}

interface Allowed<Caller extends Principal = Principal> {
    readonly allowed: true;
    readonly principal: Caller;
    readonly token: VerifiedToken;
    readonly headers?: Readonly<Record<string, string>>;
    readonly wouldDeny?: DenialReason;
}

interface AllowedEvent {
    readonly type: 'allowed';
    readonly kind: 'client' | 'user';
    readonly clientId: string;
    readonly issuer: string;
    readonly audience: readonly string[];
    readonly scopes: readonly string[];
    readonly duration: number;
}

interface AnswerSharingOptions {
    readonly store: AnswerStore;
    readonly keys: readonly (string | Uint8Array)[];
    readonly timeout?: number;
}

interface AnswerStore {
    get(key: string): Promise<string | undefined>;
    replaceIfNewer(key: string, entry: AnswerStoreEntry): Promise<boolean>;
}

interface AnswerStoreEntry {
    readonly value: string;
    readonly expiresAt: number;
    readonly ttl: number;
    readonly replacing?: string | undefined;
}

type BindingDenialReason = 'binding_required' | 'dpop_required' | 'dpop_not_bound' | `dpop_${DpopFault}` | 'dpop_replayed' | 'replay_unavailable' | 'replay_full' | 'certificate_missing' | 'certificate_mismatch' | 'certificate_untrusted_proxy' | 'certificate_several' | 'certificate_malformed';

type CertificateOrigin = 'connection' | ProxyCertificateOptions;

type Check = {
    readonly name: CheckName;
    readonly outcome: 'ok' | 'skipped';
} | {
    readonly name: CheckName;
    readonly outcome: 'failed';
    readonly reason: DenialReason;
    readonly meaning: string;
    readonly cure: string;
};

type CheckName = 'credentials' | 'format' | 'algorithm' | 'type' | 'key' | 'signature' | 'claims' | 'issuer' | 'audience' | 'lifetime' | 'revocation' | 'binding' | 'principal' | 'scope';

interface ClientPrincipal extends Rights {
    readonly kind: 'client';
    readonly clientId: string;
}

const DENIAL_REASONS: Readonly<Record<DenialReason, Denial>>;

interface DeclaredGuardOptions extends Omit<GuardOptions, 'issuer' | 'issuers' | 'audience' | 'resourceMetadata' | keyof SenderOptions> {
    readonly issuer?: string;
    readonly issuers?: readonly IssuerOptions[];
}

interface Denial {
    readonly status: 400 | 401 | 403 | 503;
    readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce' | 'temporarily_unavailable' | undefined;
    readonly description: string;
    readonly meaning: string;
    readonly cure: string;
}

type DenialReason = 'no_credentials' | 'malformed_credentials' | 'malformed_token' | 'algorithm_not_allowed' | 'wrong_type' | 'unknown_key' | 'bad_signature' | 'malformed_claims' | 'unknown_issuer' | 'wrong_issuer' | 'wrong_audience' | 'expired' | 'not_yet_valid' | 'issued_in_future' | 'binding_unsupported' | 'principal_kind' | 'insufficient_scope' | 'keys_unavailable' | 'inactive' | 'introspection_unavailable' | 'introspection_limited' | RevocationDenialReason | BindingDenialReason;

interface Denied {
    readonly allowed: false;
    readonly status: 400 | 401 | 403 | 503;
    readonly challenge: string | undefined;
    readonly reason: DenialReason;
    readonly retryAfter?: number;
    readonly headers?: Readonly<Record<string, string>>;
}

interface DpopOptions {
    readonly baseUrl?: string | readonly string[];
    readonly algorithms?: readonly SignatureAlgorithm[];
    readonly maxAge?: number;
    readonly clockTolerance?: number;
    readonly nonces?: {
        readonly secrets: readonly (string | Uint8Array)[];
        readonly lifetime?: number;
    };
    readonly nonce?: 'required' | 'optional';
    readonly replay?: ProofReplayStore;
    readonly onReplayStoreError?: 'refuse' | 'allow';
    readonly maxRemembered?: number;
    readonly maxRememberedPerKey?: number;
}

const EXPOSED_HEADERS: readonly string[];

interface Explanation {
    readonly allowed: boolean;
    readonly checks: readonly Check[];
}

interface Guard<Scope extends string = string> {
    <Kind extends PrincipalKind = 'client'>(request: GuardRequest, rule?: Rule<Scope, Kind>): Promise<Verdict<PrincipalOf<Kind>>>;
    explain<Kind extends PrincipalKind = 'client'>(request: GuardRequest, rule?: Rule<Scope, Kind>): Promise<Explanation>;
    ready(): Promise<void>;
}

class GuardError extends Error {
    readonly name = "GuardError";
    readonly code: GuardErrorCode;
    readonly retryable: boolean;
    constructor(code: GuardErrorCode, message: string, { retryable }: {
        readonly retryable: boolean;
    });
}

type GuardErrorCode = 'ERR_KEYS_UNAVAILABLE' | 'ERR_REVOCATIONS_UNAVAILABLE' | 'ERR_MARKS_FULL' | 'ERR_NOT_GUARDED';

type GuardEvent = AllowedEvent | {
    readonly type: 'denied' | 'would_deny';
    readonly reason: DenialReason;
    readonly status: 400 | 401 | 403 | 503;
    readonly issuer: string | undefined;
    readonly clientId: string | undefined;
}
 | {
    readonly type: 'query_token';
}
 | {
    readonly type: 'replay_unchecked';
    readonly issuer: string;
    readonly clientId: string;
}
 | {
    readonly type: 'rebuilt';
    readonly guards: number;
} | (IssuerEvent & {
    readonly issuer: string;
});

interface GuardOptions extends Partial<IssuerOptions> {
    readonly audience: string | readonly string[];
    readonly issuers?: readonly IssuerOptions[];
    readonly clockTolerance?: number;
    readonly binding?: 'optional' | 'required';
    readonly dpop?: DpopOptions;
    readonly certificates?: CertificateOrigin;
    readonly revocation?: RevocationSource | readonly RevocationSource[];
    readonly tokenCache?: TokenCacheOptions | false;
    readonly realm?: string;
    readonly resourceMetadata?: string;
    readonly fetch?: typeof globalThis.fetch;
    readonly now?: () => number;
    readonly timeout?: number;
    readonly staleFor?: number;
    readonly waitUntil?: (work: Promise<unknown>) => void;
    readonly reportOnly?: boolean;
    readonly onEvent?: (event: GuardEvent) => void;
}

interface GuardRequest {
    readonly method: string;
    readonly url: string;
    readonly headers: {
        get(name: string): string | null;
    };
    readonly socket?: {
        readonly remoteAddress?: string | undefined;
    } | undefined;
}

type IntrospectionFault = 
'no_endpoint'
 | 'authorize' | 'network' | 'timeout'
 | 'unauthorized'
 | 'status' | 'content_type' | 'too_large' | 'not_json'
 | 'unacceptable'
 | 'busy';

interface IntrospectionOptions {
    readonly endpoint?: string;
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly authorize?: () => string | Promise<string>;
    readonly tokens?: 'opaque' | 'sampled' | 'all';
    readonly every?: number;
    readonly whenUnknown?: 'refuse' | 'allow';
    readonly prefix?: string;
    readonly signed?: boolean;
    readonly maxAge?: number;
    readonly maxInactiveAge?: number;
    readonly maxEntries?: number;
    readonly shared?: AnswerSharingOptions;
    readonly mayAsk?: (request: GuardRequest) => boolean;
    readonly fetch?: typeof globalThis.fetch;
}

type IssuerEvent = 
{
    readonly type: 'introspected';
    readonly active: boolean;
    readonly duration: number;
}
 | {
    readonly type: 'introspection_failed';
    readonly fault: IntrospectionFault;
    readonly failures: number;
    readonly retryAt: number;
}
 | {
    readonly type: 'answer_shared';
    readonly active: boolean;
    readonly age: number;
}
 | {
    readonly type: 'sharing_failed';
    readonly operation: 'read' | 'write';
    readonly fault: SharingFault;
    readonly retryAt: number | undefined;
}
 | {
    readonly type: 'revocations_loaded';
    readonly source: 'feed' | 'status_list';
}
 | {
    readonly type: 'revocations_failed';
    readonly source: 'feed' | 'status_list' | 'hook';
    readonly fault: RevocationFault;
    readonly failures: number;
    readonly retryAt: number;
}
 | {
    readonly type: 'unchecked';
    readonly source: RevocationSourceKind | 'introspection';
    readonly clientId: string;
} | DocumentEvent;

interface IssuerOptions extends KeyOptions {
    readonly issuer: string;
    readonly profile?: ProfileName;
    readonly audience?: string | readonly string[];
    readonly clients?: readonly string[];
    readonly algorithms?: readonly SignatureAlgorithm[];
    readonly introspection?: IntrospectionOptions;
    readonly revocation?: RevocationSource | readonly RevocationSource[];
}

interface KeyOptions {
    readonly jwksUri?: string;
    readonly jwks?: {
        readonly keys: readonly object[];
    };
    readonly pinnedKeys?: readonly string[];
}

interface OpenApiOptions {
    readonly tokenUrl: string;
    readonly name?: string;
}

interface OpenApiSecurity<Scope extends string = string> {
    readonly securitySchemes: Readonly<Record<string, OpenApiSecurityScheme>>;
    security<Kind extends PrincipalKind = 'client'>(rule?: Rule<NoInfer<Scope>, Kind>): readonly OpenApiSecurityRequirement[];
}

type OpenApiSecurityRequirement = Readonly<Record<string, readonly string[]>>;

interface OpenApiSecurityScheme {
    readonly type: 'oauth2';
    readonly flows: {
        readonly clientCredentials: {
            readonly tokenUrl: string;
            readonly scopes: Readonly<Record<string, string>>;
        };
    };
}

type Principal = ClientPrincipal | UserPrincipal;

type PrincipalKind = 'client' | 'user' | 'any';

type PrincipalOf<Kind extends PrincipalKind> = Kind extends 'client' ? ClientPrincipal : Kind extends 'user' ? UserPrincipal : Principal;

type ProfileName = 'rfc9068' | 'keycloak' | 'entra' | 'auth0' | 'okta' | 'cognito' | 'fapi2';

interface ProofReplayStore {
    reserve(key: string, expiresAt: number, thumbprint: string): ProofReservation | Promise<ProofReservation>;
}

type ProofReservation = boolean | 'full';

interface ProtectedResource<Scope extends string = string> extends PublishedMetadata {
    readonly resource: string;
    guard(options?: DeclaredGuardOptions): Guard<Scope>;
    openApiSecurity(options: OpenApiOptions): OpenApiSecurity<Scope>;
}

interface ProtectedResourceOptions<Scope extends string = string> extends SenderOptions {
    readonly resource: string;
    readonly authorizationServers: readonly string[];
    readonly scopes: Readonly<Record<Scope, string>>;
    readonly resourceName?: string;
    readonly resourceDocumentation?: string;
    readonly resourcePolicyUri?: string;
    readonly resourceTosUri?: string;
}

interface PublishedMetadata {
    readonly metadata: JsonObject;
    readonly metadataUrl: string;
}

interface RevocationCheck {
    (claims: AccessTokenClaims, key: string | undefined): Standing | Promise<Standing>;
    load?(): Promise<boolean>;
}

interface RevocationContext {
    readonly issuer: Issuer;
    readonly keys: KeySource;
    readonly algorithms: ReadonlySet<string>;
    readonly fetch: typeof globalThis.fetch;
    readonly now: () => number;
    readonly timeout: number;
    readonly staleFor: number;
    readonly clockTolerance: number;
    readonly emit: (event: IssuerEvent) => void;
    readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

type RevocationDenialReason = 'revoked' | 'suspended' | 'status_unusable' | 'revocation_unavailable';

type RevocationFault = LoadFault
 | 'keys'
 | 'signature'
 | 'expired'
 | 'no_feed'
 | 'hook';

type RevocationSource = (context: RevocationContext) => RevocationCheck;

type RevocationSourceKind = 'marks' | 'feed' | 'status_list' | 'hook';

interface Rights {
    readonly scopes: ReadonlySet<string>;
    readonly roles?: ReadonlySet<string>;
    readonly permissions?: ReadonlySet<string>;
}

interface Rule<Scope extends string = string, Kind extends PrincipalKind = PrincipalKind> {
    readonly scope?: ScopeRule<Scope>;
    readonly principal?: Kind;
    readonly confirmedWithin?: number;
}

type ScopeRule<Scope extends string = string> = {
    readonly all: readonly Scope[];
    readonly any?: never;
} | {
    readonly any: readonly Scope[];
    readonly all?: never;
};

type SenderOptions = Pick<GuardOptions, 'binding' | 'dpop' | 'certificates'>;

type SharingFault = StoreFault | SealFault
 | 'clock';

type Standing = {
    readonly ok: true;
    readonly unchecked?: RevocationSourceKind;
} | {
    readonly ok: false;
    readonly reason: RevocationDenialReason;
    readonly retryAfter?: number;
};

type StoreFault = 
'store' | 'timeout';

interface TokenCacheOptions {
    readonly maxEntries?: number;
    readonly maxBytes?: number;
}

interface UserPrincipal extends Rights {
    readonly kind: 'user';
    readonly subject: string;
    readonly clientId: string;
}

type Verdict<Caller extends Principal = Principal> = Allowed<Caller> | Denied;

interface VerifiedToken {
    readonly issuer: string;
    readonly audience: readonly string[];
    readonly id: string;
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly claims: JsonObject;
}

function createGuard<Scope extends string = string>(options: GuardOptions): Guard<Scope>;

function declareRule<Scope extends string, Kind extends PrincipalKind>(rule: Rule<Scope, Kind>, caller?: string): Rule<Scope, Kind>;

function protectedResource<Scope extends string>(options: ProtectedResourceOptions<Scope>): ProtectedResource<Scope>;

function rateLimitKey(caller: {
    readonly principal: Principal;
    readonly token: VerifiedToken;
}): string | undefined;
