// The public API of @countersign/server. Written by: npm run check -- --update

import { JsonObject } from '@countersign/protocol'
import { Parsed } from '@countersign/protocol'
import { TokenErrorCode } from '@countersign/protocol'

export {
  Administration,
  AdministrationError,
  AdministrationErrorCode,
  AdministrationOptions,
  ApplyResult,
  AuthorizationServer,
  AuthorizationServerOptions,
  ClientAdministration,
  ClientRecord,
  ClientSummary,
  CreatedCredential,
  CredentialRecord,
  CredentialSummary,
  EventListener,
  GrantRecord,
  KeyAdministration,
  MasterKey,
  Precondition,
  REFUSAL_REASONS,
  RecordKind,
  RecordState,
  RefusalReason,
  RefusalReasonEntry,
  RegistryChange,
  RegistryChanges,
  RegistryConflict,
  RegistryStore,
  RequestFailed,
  ResourceAdministration,
  ResourceRecord,
  Secret,
  ServerError,
  ServerErrorCode,
  ServerEvent,
  SigningKeyCreated,
  SigningKeyRecord,
  SigningKeySummary,
  SigningKeyUnusable,
  SnapshotFailed,
  SnapshotRecovered,
  TokenIssued,
  TokenRefused,
  createAdministration,
  createAuthorizationServer,
  formatMasterKeys,
  generateMasterKey,
  isGeneratedSecret,
  parseMasterKeys,
  recordKey,
}

interface Administration extends ClientAdministration, ResourceAdministration, KeyAdministration {
}

class AdministrationError extends Error {
    readonly name = "AdministrationError";
    readonly code: AdministrationErrorCode;
    constructor(code: AdministrationErrorCode, message: string);
}

type AdministrationErrorCode = 'client_exists' | 'client_unknown' | 'credential_unknown' | 'resource_exists' | 'resource_unknown' | 'scope_unknown' | 'conflict' | 'master_key_wrong';

interface AdministrationOptions {
    readonly store: RegistryStore;
    readonly masterKeys: readonly MasterKey[];
    readonly now?: () => number;
}

type ApplyResult = {
    readonly applied: true;
    readonly revision: number;
} | {
    readonly applied: false;
    readonly conflict: RegistryConflict;
};

interface AuthorizationServer extends AsyncDisposable {
    readonly issuer: string;
    fetch(request: Request): Promise<Response>;
    ready(): Promise<void>;
    refresh(): Promise<void>;
    close(): Promise<void>;
}

interface AuthorizationServerOptions {
    readonly issuer: string;
    readonly store: RegistryStore;
    readonly masterKeys: readonly MasterKey[];
    readonly now?: () => number;
    readonly followInterval?: number;
    readonly onEvent?: EventListener;
}

interface ClientAdministration {
    createClient(options?: {
        readonly clientId?: string;
        readonly name?: string;
    }): Promise<CreatedCredential>;
    listClients(): Promise<readonly ClientSummary[]>;
    disableClient(clientId: string): Promise<ClientRecord>;
    enableClient(clientId: string): Promise<ClientRecord>;
    rotateSecret(clientId: string, options?: {
        readonly overlap?: number;
        readonly label?: string;
    }): Promise<CreatedCredential>;
}

interface ClientRecord {
    readonly clientId: string;
    readonly name: string;
    readonly state: RecordState;
    readonly createdAt: number;
}

interface ClientSummary extends ClientRecord {
    readonly credentials: readonly CredentialSummary[];
    readonly grants: readonly GrantRecord[];
}

interface CreatedCredential {
    readonly client: ClientRecord;
    readonly credential: CredentialSummary;
    readonly secret: Secret;
}

interface CredentialRecord {
    readonly credentialId: string;
    readonly clientId: string;
    readonly label: string;
    readonly kind: 'secret';
    readonly digest: string;
    readonly masterKeyVersion: number;
    readonly state: RecordState;
    readonly createdAt: number;
    readonly expiresAt: number | null;
}

type CredentialSummary = Omit<CredentialRecord, 'digest' | 'masterKeyVersion'>;

interface EventBase {
    readonly at: number;
}

type EventListener = (event: ServerEvent) => void;

interface GrantRecord {
    readonly clientId: string;
    readonly resource: string;
    readonly scopes: readonly string[];
    readonly createdAt: number;
}

interface KeyAdministration {
    rotateSigningKey(options?: {
        readonly announce?: number;
    }): Promise<SigningKeySummary>;
    listSigningKeys(): Promise<readonly SigningKeySummary[]>;
}

interface MasterKey {
    readonly version: number;
    readonly key: Uint8Array;
}

type Precondition = 'none' | 'absent' | 'present' | 'first' | {
    readonly unchangedSince: number;
};

const REFUSAL_REASONS: Readonly<Record<RefusalReason, RefusalReasonEntry>>;

type RecordKind = RegistryChange['kind'];

type RecordState = 'active' | 'disabled';

type RefusalReason = 'media_type' | 'body_too_large' | 'body_unreadable' | 'parameter_repeated' | 'request_malformed' | 'credentials_in_query' | 'several_methods' | 'client_id_differs' | 'credentials_missing' | 'method_unsupported' | 'basic_malformed' | 'client_unknown' | 'client_disabled' | 'secret_malformed' | 'secret_expired' | 'secret_wrong' | 'master_key_missing' | 'grant_type_unsupported' | 'client_without_grants' | 'scope_malformed' | 'scope_not_granted' | 'scope_across_resources' | 'resource_malformed' | 'several_resources' | 'resource_not_granted' | 'resource_ambiguous';

interface RefusalReasonEntry {
    readonly error: TokenErrorCode;
    readonly status: 400 | 401 | 413;
    readonly description: string;
    readonly meaning: string;
    readonly cure: string;
}

type RegistryChange = {
    readonly require: Precondition;
} & ({
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
    readonly kind: 'signingKey';
    readonly record: SigningKeyRecord;
});

interface RegistryChanges {
    readonly revision: number;
    readonly clients: readonly ClientRecord[];
    readonly credentials: readonly CredentialRecord[];
    readonly resources: readonly ResourceRecord[];
    readonly grants: readonly GrantRecord[];
    readonly signingKeys: readonly SigningKeyRecord[];
}

interface RegistryConflict {
    readonly kind: RecordKind;
    readonly key: string;
    readonly require: Precondition;
}

interface RegistryStore {
    changesSince(revision: number): Promise<RegistryChanges>;
    apply(changes: readonly RegistryChange[]): Promise<ApplyResult>;
    close(): Promise<void>;
}

interface RequestFailed extends EventBase {
    readonly type: 'request.failed';
    readonly error: unknown;
}

interface ResourceAdministration {
    createResource(options: {
        readonly resource: string;
        readonly scopes: readonly string[];
        readonly name?: string;
        readonly tokenLifetimeSeconds?: number;
    }): Promise<ResourceRecord>;
    listResources(): Promise<readonly ResourceRecord[]>;
    grant(options: {
        readonly clientId: string;
        readonly resource: string;
        readonly scopes: readonly string[];
    }): Promise<GrantRecord>;
}

interface ResourceRecord {
    readonly resource: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly tokenLifetimeSeconds: number;
    readonly state: RecordState;
    readonly createdAt: number;
}

interface Secret {
    reveal(): string;
    toString(): string;
    toJSON(): string;
}

class ServerError extends Error {
    readonly name = "ServerError";
    readonly code: ServerErrorCode;
    constructor(code: ServerErrorCode, message: string, options?: {
        readonly cause?: unknown;
    });
}

type ServerErrorCode = 
'ERR_SIGNING_KEY'
 | 'ERR_CLOSED'
 | 'ERR_STORE';

type ServerEvent = TokenIssued | TokenRefused | SigningKeyCreated | SigningKeyUnusable | SnapshotFailed | SnapshotRecovered | RequestFailed;

interface SigningKeyCreated extends EventBase {
    readonly type: 'signing_key.created';
    readonly kid: string;
}

interface SigningKeyRecord {
    readonly kid: string;
    readonly alg: 'ES256';
    readonly publicJwk: JsonObject;
    readonly sealedPrivateKey: string;
    readonly masterKeyVersion: number;
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

interface TokenIssued extends EventBase {
    readonly type: 'token.issued';
    readonly clientId: string;
    readonly credentialId: string;
    readonly method: string;
    readonly resource: string;
    readonly scope: readonly string[];
    readonly jti: string;
    readonly kid: string;
    readonly expiresAt: number;
}

interface TokenRefused extends EventBase {
    readonly type: 'token.refused';
    readonly reason: RefusalReason;
    readonly error: string;
    readonly status: number;
    readonly clientId: string | undefined;
}

function createAdministration(options: AdministrationOptions): Administration;

function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer;

function formatMasterKeys(masterKeys: readonly MasterKey[]): string;

function generateMasterKey(version?: number): MasterKey;

function isGeneratedSecret(text: string): boolean;

function parseMasterKeys(text: string): Parsed<readonly MasterKey[]>;

function recordKey(change: RegistryChange): string;
