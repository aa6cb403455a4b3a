// The public API of @countersign/client. Written by: npm run check -- --update

import { ArgumentError } from '@countersign/protocol'
import { ArgumentErrorCode } from '@countersign/protocol'
import { BasicEncoding } from '@countersign/protocol'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'

export {
  AccessToken,
  AccessTokenInit,
  ArgumentError,
  ArgumentErrorCode,
  AttachError,
  AuthenticatedRequest,
  AuthorizationDetail,
  AuthorizedFetch,
  AuthorizedFetchOptions,
  AwsSecretValue,
  AwsSecretsManager,
  AwsSecretsManagerOptions,
  AzureKeyVault,
  AzureKeyVaultOptions,
  BasicEncoding,
  BudgetOptions,
  CachedSecretOptions,
  CertificateBoundOptions,
  Client,
  ClientAssertionOptions,
  ClientAssertionType,
  ClientAuthentication,
  ClientAuthenticationContext,
  ClientCredentialsOptions,
  ClientEvent,
  ClientEventListener,
  ClientOptions,
  ClientSecretJwtOptions,
  ClientSecretMethod,
  ConstrainedAnswer,
  ConstrainedRequest,
  CreateClientForOptions,
  CredentialError,
  DiscoverResourceOptions,
  DiscoveredResource,
  DpopOptions,
  ERROR_CATALOGUE,
  ErrorCatalogueEntry,
  ErrorCode,
  ErrorPhase,
  ExternalSigningKey,
  FederatedAssertionOptions,
  FetchFunction,
  GithubActionsTokenOptions,
  GoogleSecretManager,
  GoogleSecretManagerOptions,
  GoogleSecretVersion,
  GrantAssertion,
  GrantContext,
  IssuerCredentials,
  JwtBearerOptions,
  NonceStore,
  OAuthErrorMembers,
  ObservedOptions,
  PeerError,
  PeerRole,
  PrivateJwk,
  PrivateKeyJwtOptions,
  PublicJwk,
  RefusalError,
  RequestCause,
  ResourceProbe,
  RetryOptions,
  ReuseOptions,
  SecretAnswer,
  SecretField,
  SecretRead,
  SecretSource,
  SenderConstraint,
  SharedOptions,
  SharingOptions,
  SignatureAlgorithm,
  SignedAssertionOptions,
  SigningCredential,
  SigningCredentialOptions,
  SigningKeyAnswer,
  SigningKeyInput,
  SigningKeySource,
  StoreError,
  StoreOperation,
  TlsClientAuthOptions,
  TokenEndpointQuirks,
  TokenError,
  TokenErrorDetails,
  TokenKeyParts,
  TokenLease,
  TokenOwner,
  TokenPresentation,
  TokenRequest,
  TokenSharing,
  TokenSource,
  TokenStatus,
  TokenStore,
  TokenStoreEntry,
  TokenVariation,
  TransportError,
  VaultAppRoleAuth,
  VaultAuth,
  VaultKubernetesAuth,
  VaultOptions,
  VaultTokenAuth,
  authorizedFetch,
  budgeted,
  cachedSecret,
  certificateBound,
  certificateThumbprint,
  clientCredentials,
  clientSecretJwt,
  createClient,
  createClientFor,
  currentAndNext,
  discoverResource,
  dpop,
  federatedAssertion,
  fromAwsSecretsManager,
  fromAzureKeyVault,
  fromEnv,
  fromFile,
  fromGoogleSecretManager,
  fromVault,
  generateStoreKey,
  githubActionsToken,
  isTokenError,
  jwtBearer,
  memoryNonceStore,
  observed,
  privateKeyJwt,
  retrying,
  reuse,
  selfSignedTlsClientAuth,
  shared,
  sharedTokens,
  signedAssertion,
  tlsClientAuth,
  tokenCacheKey,
}

class AccessToken {
    #private;
    readonly type: 'Bearer' | 'DPoP';
    readonly obtainedAt: number;
    readonly expiresAt: number | undefined;
    readonly refreshAt: number | undefined;
    readonly scope: readonly string[];
    readonly senderConstraint: SenderConstraint | undefined;
    readonly presentation: TokenPresentation | undefined;
    constructor(init: AccessTokenInit);
    get value(): string;
}

interface AccessTokenInit {
    readonly value: string;
    readonly type?: 'Bearer' | 'DPoP';
    readonly obtainedAt: number;
    readonly expiresAt?: number | undefined;
    readonly refreshAt?: number | undefined;
    readonly scope?: readonly string[];
    readonly senderConstraint?: SenderConstraint | undefined;
    readonly presentation?: TokenPresentation | undefined;
}

interface AskedToken {
    readonly scope: readonly string[];
    readonly resource: readonly string[];
    readonly audience: string | undefined;
    readonly authorizationDetails: readonly AuthorizationDetail[] | undefined;
    readonly parameters: Readonly<Record<string, string>>;
    readonly partition: string | undefined;
}

class AttachError extends TokenError {
    readonly name = "AttachError";
}

interface AuthenticatedRequest {
    readonly headers: Readonly<Record<string, string>>;
    readonly parameters: readonly (readonly [name: string, value: string])[];
    readonly encodingMatters?: boolean;
}

interface AuthorizationDetail {
    readonly type: string;
    readonly [member: string]: unknown;
}

type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit, variation?: TokenVariation) => Promise<Response>;

interface AuthorizedFetchOptions {
    readonly origins?: readonly string[];
    readonly fetch?: FetchFunction;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface AwsSecretValue {
    readonly SecretString?: string | undefined;
    readonly SecretBinary?: Uint8Array | undefined;
}

interface AwsSecretsManager {
    getSecretValue(input: {
        readonly SecretId: string;
        readonly VersionStage: string;
    }): Promise<AwsSecretValue>;
}

interface AwsSecretsManagerOptions {
    readonly client: AwsSecretsManager;
    readonly secretId: string;
    readonly field?: SecretField;
    readonly stages?: readonly string[];
    readonly timeout?: number;
}

interface AzureKeyVault {
    getSecret(name: string, options?: {
        version?: string;
    }): Promise<{
        readonly value?: string | undefined;
    }>;
}

interface AzureKeyVaultOptions {
    readonly client: AzureKeyVault;
    readonly name: string;
    readonly version?: string;
    readonly field?: SecretField;
    readonly timeout?: number;
}

interface BudgetOptions {
    readonly perHour?: number;
    readonly perHourInAll?: number;
    readonly mode?: 'warn' | 'block';
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface CachedSecretOptions {
    readonly for: number;
    readonly staleFor?: number;
    readonly now?: () => number;
}

interface CertificateBoundOptions {
    readonly fetch: FetchFunction;
    readonly thumbprint: string | (() => string | Promise<string>);
}

interface Client extends AsyncDisposable {
    readonly getToken: (request?: TokenRequest) => Promise<AccessToken>;
    readonly peek: () => AccessToken | undefined;
    readonly fetch: AuthorizedFetch;
    readonly source: TokenSource;
    readonly status: () => TokenStatus;
    readonly close: () => Promise<void>;
}

interface ClientAssertionOptions {
    readonly audience?: 'issuer' | 'token_endpoint' | (string & {});
    readonly lifetime?: number;
    readonly typ?: 'client-authentication+jwt' | 'JWT' | null;
}

type ClientAssertionType = keyof typeof TYPES;

interface ClientAuthentication {
    readonly method: string;
    authenticate(context: ClientAuthenticationContext, refused: readonly AuthenticatedRequest[]): Promise<AuthenticatedRequest | undefined>;
    fingerprint(): Promise<string>;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

interface ClientAuthenticationContext {
    readonly clientId: string;
    readonly issuer: string | undefined;
    readonly tokenEndpoint: URL;
    readonly now: () => number;
    readonly signal: AbortSignal | undefined;
}

interface ClientCredentialsOptions extends TokenVariation {
    readonly issuer?: string;
    readonly tokenEndpoint?: string;
    readonly clientId: string;
    readonly clientSecret?: string | SecretSource;
    readonly authMethod?: ClientSecretMethod;
    readonly basicEncoding?: BasicEncoding;
    readonly clientAuthentication?: ClientAuthentication;
    readonly senderConstraint?: SenderConstraint;
    readonly quirks?: TokenEndpointQuirks;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
    readonly defaultLifetime?: number;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface ClientCredentialsSettings {
    readonly issuer: Issuer | undefined;
    readonly tokenEndpoint: URL | undefined;
    readonly clientId: string;
    readonly clientSecret: SecretSource | undefined;
    readonly authMethod: ClientSecretMethod | undefined;
    readonly basicEncoding: BasicEncoding;
    readonly clientAuthentication: ClientAuthentication | undefined;
    readonly senderConstraint: SenderConstraint | undefined;
    readonly quirks: TokenEndpointQuirks;
    readonly asked: AskedToken;
    readonly fetch: FetchFunction;
    readonly timeout: number;
    readonly defaultLifetime: number;
    readonly onEvent: ClientEventListener | undefined;
    readonly now: () => number;
}

type ClientEvent = 
{
    readonly type: 'token.obtained';
    readonly expiresAt: number | undefined;
    readonly scope: readonly string[];
    readonly duration: number;
}
 | {
    readonly type: 'token.failed';
    readonly error: Error;
    readonly background: boolean;
}
 | {
    readonly type: 'token.refused';
    readonly origin: string;
}
 | {
    readonly type: 'renewal.paused';
    readonly until: number;
}
 | {
    readonly type: 'token.shared';
    readonly expiresAt: number | undefined;
    readonly waited: number;
}
 | {
    readonly type: 'store.failed';
    readonly operation: StoreOperation;
    readonly error: Error;
}
 | {
    readonly type: 'token.requested';
    readonly cause: RequestCause;
}
 | {
    readonly type: 'budget.exceeded';
    readonly requests: number;
    readonly perHour: number;
    readonly blocked: boolean;
};

type ClientEventListener = (event: ClientEvent) => void;

interface ClientOptions extends ClientCredentialsOptions, AuthorizedFetchOptions {
    readonly wrap?: (source: TokenSource) => TokenSource;
    readonly share?: TokenSharing;
    readonly maxTokens?: number;
}

interface ClientSecretJwtOptions extends ClientAssertionOptions {
    readonly clientSecret: string | SecretSource;
}

type ClientSecretMethod = 'client_secret_basic' | 'client_secret_post';

interface ConstrainedAnswer {
    readonly role: PeerRole;
    readonly url: URL;
    readonly status: number;
    readonly headers: Headers;
    readonly error?: string | undefined;
    readonly sent?: Readonly<Record<string, string>>;
}

interface ConstrainedRequest {
    readonly role: PeerRole;
    readonly method: string;
    readonly url: URL;
    readonly token?: AccessToken;
    readonly signal?: AbortSignal;
}

interface CreateClientForOptions extends Omit<ClientOptions, CredentialName | 'issuer' | 'tokenEndpoint' | 'resource' | 'origins'> {
    readonly credentials: Readonly<Record<string, IssuerCredentials>> | ((issuer: string) => IssuerCredentials | undefined);
    readonly allowPrivateAddresses?: boolean;
    readonly probe?: ResourceProbe;
    readonly signal?: AbortSignal;
}

class CredentialError extends TokenError {
    readonly name = "CredentialError";
}

type CredentialName = 'clientId' | 'clientSecret' | 'authMethod' | 'basicEncoding' | 'clientAuthentication' | 'senderConstraint' | 'quirks';

interface DiscoverResourceOptions {
    readonly issuers: readonly string[] | ((issuer: string) => boolean);
    readonly allowPrivateAddresses?: boolean;
    readonly probe?: ResourceProbe;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
    readonly signal?: AbortSignal;
}

interface DiscoveredResource {
    readonly resource: string;
    readonly issuer: string;
    readonly scope: readonly string[] | undefined;
    readonly scopesSupported: readonly string[] | undefined;
    readonly dpopRequired: boolean;
    readonly certificateRequired: boolean;
}

interface DpopOptions {
    readonly key?: SigningKeyInput;
    readonly alg?: SignatureAlgorithm;
    readonly nonceStore?: NonceStore;
    readonly now?: () => number;
}

const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorCatalogueEntry>>;

interface ErrorCatalogueEntry {
    readonly meaning: string;
    readonly cure: string;
}

type ErrorCode = 'ERR_NETWORK' | 'ERR_TIMEOUT' | 'ERR_CLOSED' | 'ERR_METADATA_NOT_FOUND' | 'ERR_METADATA_ISSUER' | 'ERR_METADATA_INVALID' | 'ERR_CREDENTIAL' | 'ERR_AUTH_METHOD' | 'ERR_REFUSED' | 'ERR_RESPONSE_STATUS' | 'ERR_RESPONSE_BODY' | 'ERR_RESPONSE_MEMBER' | 'ERR_RESPONSE_TOO_LARGE' | 'ERR_RESPONSE_REDIRECT' | 'ERR_BUDGET' | 'ERR_PROOF' | 'ERR_STORE' | 'ERR_STORE_ENTRY' | 'ERR_NO_TOKEN' | 'ERR_INSECURE_URL' | 'ERR_ORIGIN_NOT_ALLOWED' | 'ERR_CROSS_ORIGIN_REDIRECT' | 'ERR_TOO_MANY_REDIRECTS' | 'ERR_BODY_NOT_REPLAYABLE' | 'ERR_PRIVATE_ADDRESS' | 'ERR_RESOURCE_METADATA' | 'ERR_RESOURCE_MISMATCH' | 'ERR_ISSUER_NOT_ALLOWED';

type ErrorPhase = 'discovery' | 'credential' | 'token' | 'store' | 'attach';

interface ExternalSigningKey {
    readonly alg: SignatureAlgorithm;
    readonly kid?: string;
    readonly publicJwk?: PublicJwk;
    sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

interface FederatedAssertionOptions {
    readonly type?: ClientAssertionType;
}

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface GithubActionsTokenOptions {
    readonly audience: string;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
}

interface GoogleSecretManager {
    accessSecretVersion(request: {
        readonly name: string;
    }): Promise<readonly [GoogleSecretVersion, ...(readonly unknown[])]>;
}

interface GoogleSecretManagerOptions {
    readonly client: GoogleSecretManager;
    readonly name: string;
    readonly field?: SecretField;
    readonly timeout?: number;
}

interface GoogleSecretVersion {
    readonly payload?: {
        readonly data?: Uint8Array | string | null;
    } | null;
}

type GrantAssertion = (context: GrantContext, refused: readonly string[]) => string | undefined | Promise<string | undefined>;

interface GrantContext extends ClientAuthenticationContext {
    readonly asked: AskedToken;
}

type IssuerCredentials = Pick<ClientOptions, CredentialName>;

interface JwtBearerOptions extends Omit<ClientCredentialsOptions, 'clientId'> {
    readonly assertion: GrantAssertion;
    readonly clientId?: string;
}

interface NonceStore {
    get(key: string): string | undefined;
    set(key: string, nonce: string): void;
}

interface OAuthErrorMembers {
    readonly error: string;
    readonly description: string | undefined;
    readonly uri: string | undefined;
}

interface ObservedOptions {
    readonly onEvent: ClientEventListener;
}

class PeerError extends TokenError {
    readonly name = "PeerError";
}

type PeerRole = 'authorization_server' | 'resource';

interface PrivateJwk extends JsonWebKey {
    readonly kid?: string;
}

interface PrivateKeyJwtOptions extends SigningCredentialOptions, ClientAssertionOptions {
}

interface PublicJwk {
    readonly kty: string;
    readonly crv?: string;
    readonly x?: string;
    readonly y?: string;
    readonly n?: string;
    readonly e?: string;
}

class RefusalError extends TokenError {
    readonly name = "RefusalError";
}

type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused';

interface ResourceProbe {
    readonly method: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
}

interface RetryOptions {
    readonly attempts?: number;
    readonly firstWait?: number;
    readonly longestWait?: number;
    readonly random?: () => number;
    readonly sleep?: (milliseconds: number) => Promise<void>;
}

interface ReuseOptions {
    readonly timeout?: number;
    readonly failureMemory?: number;
    readonly shareRequests?: boolean;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
    readonly monotonic?: () => number;
    readonly random?: () => number;
}

type SecretAnswer = string | readonly string[];

type SecretField = string | readonly string[];

interface SecretRead {
    readonly reread?: boolean;
}

type SecretSource = (read?: SecretRead) => SecretAnswer | Promise<SecretAnswer>;

interface SenderConstraint {
    readonly tokenType: 'Bearer' | 'DPoP';
    binding(): Promise<string>;
    headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>;
    learn(answer: ConstrainedAnswer): boolean;
    abandon?(sent: Readonly<Record<string, string>>): void;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

interface SharedOptions extends SharingOptions {
    readonly key: TokenKeyParts | (() => TokenKeyParts | Promise<TokenKeyParts>);
    readonly senderConstraint?: SenderConstraint;
    readonly presentation?: TokenPresentation;
}

interface SharingOptions {
    readonly store: TokenStore;
    readonly keys: readonly (string | Uint8Array)[];
    readonly timeout?: number;
    readonly leaseTime?: number;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

type SignatureAlgorithm = 'ES256' | 'ES384' | 'PS256' | 'RS256' | 'Ed25519' | 'EdDSA';

interface SignedAssertionOptions extends SigningCredentialOptions {
    readonly iss: string;
    readonly sub?: string;
    readonly audience?: 'issuer' | 'token_endpoint' | (string & {});
    readonly lifetime?: number;
    readonly scopeClaim?: boolean;
    readonly claims?: Readonly<Record<string, unknown>>;
}

interface SigningCredential {
    readonly key: SigningKeyInput;
    readonly alg?: SignatureAlgorithm;
    readonly kid?: string;
    readonly certificate?: string | Uint8Array;
}

interface SigningCredentialOptions extends Omit<SigningCredential, 'key'> {
    readonly key: SigningKeyInput | SigningKeySource;
}

type SigningKeyAnswer = SigningKeyInput | SigningCredential | readonly (SigningKeyInput | SigningCredential)[];

type SigningKeyInput = PrivateJwk | string | CryptoKey | CryptoKeyPair | ExternalSigningKey;

type SigningKeySource = () => SigningKeyAnswer | Promise<SigningKeyAnswer>;

class StoreError extends TokenError {
    readonly name = "StoreError";
    readonly operation: StoreOperation;
    constructor(code: 'ERR_STORE' | 'ERR_STORE_ENTRY', message: string, { operation }: {
        readonly operation: StoreOperation;
    });
}

type StoreOperation = 'key' | 'get' | 'lease' | 'replace' | 'release';

const TYPES: {
    readonly 'jwt-bearer': 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    readonly 'jwt-spiffe': 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe';
};

interface TlsClientAuthOptions {
    readonly fetch: FetchFunction;
    readonly thumbprint?: string;
}

interface TokenEndpointQuirks {
    readonly grantType?: string;
    readonly scopeSeparator?: ' ' | ',';
    readonly requestFormat?: 'form' | 'json';
    readonly readAnswer?: (answer: JsonObject) => JsonObject;
    readonly presentation?: TokenPresentation;
    readonly defaultLifetime?: number;
}

class TokenError extends Error {
    readonly name: string;
    readonly code: ErrorCode;
    readonly phase: ErrorPhase;
    readonly retryable: boolean;
    readonly retryAfter: number | undefined;
    readonly status: number | undefined;
    readonly hint: string | undefined;
    readonly oauth: OAuthErrorMembers | undefined;
    constructor(code: ErrorCode, message: string, details: TokenErrorDetails);
    toJSON(): Record<string, unknown>;
}

interface TokenErrorDetails {
    readonly phase: ErrorPhase;
    readonly retryable?: boolean;
    readonly retryAfter?: number | undefined;
    readonly status?: number | undefined;
    readonly hint?: string | undefined;
    readonly oauth?: OAuthErrorMembers | undefined;
}

interface TokenKeyParts extends TokenOwner, TokenVariation {
}

interface TokenLease {
    release(): Promise<void>;
}

interface TokenOwner {
    readonly issuer?: string | undefined;
    readonly tokenEndpoint?: string | undefined;
    readonly clientId: string;
    readonly authMethod: string;
    readonly credential: string;
    readonly binding?: string | undefined;
    readonly grantType?: string | undefined;
}

interface TokenPresentation {
    readonly header: string;
    readonly scheme: string | null;
    readonly headers?: Readonly<Record<string, string>>;
}

interface TokenRequest extends TokenVariation {
    readonly signal?: AbortSignal;
    readonly rejected?: AccessToken;
    readonly background?: boolean;
}

type TokenSharing = (source: TokenSource, about: {
    readonly asked: AskedToken;
    readonly settings: ClientCredentialsSettings;
}) => TokenSource;

type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

interface TokenStatus {
    readonly state: 'empty' | 'good' | 'failing' | 'failed';
    readonly asking: boolean;
    readonly expiresIn: number | undefined;
    readonly renewsIn: number | undefined;
    readonly lastError: {
        readonly code: ErrorCode | 'UNKNOWN';
        readonly at: number;
    } | undefined;
    readonly tokenRequests: number;
    readonly tokensServed: number;
}

interface TokenStore {
    get(key: string): Promise<string | undefined>;
    replaceIfNewer(key: string, entry: TokenStoreEntry): Promise<boolean>;
    lease(key: string, owner: string, ttl: number): Promise<TokenLease | undefined>;
}

interface TokenStoreEntry {
    readonly value: string;
    readonly expiresAt: number;
    readonly ttl: number;
    readonly replacing?: string | undefined;
}

interface TokenVariation {
    readonly scope?: string | readonly string[];
    readonly resource?: string | readonly string[];
    readonly audience?: string;
    readonly authorizationDetails?: readonly AuthorizationDetail[];
    readonly parameters?: Readonly<Record<string, string>>;
    readonly partition?: string;
}

class TransportError extends TokenError {
    readonly name = "TransportError";
    constructor(code: 'ERR_NETWORK' | 'ERR_TIMEOUT', message: string, details: TokenErrorDetails);
}

interface VaultAppRoleAuth {
    readonly roleId: string;
    readonly secretId: string | SecretSource;
    readonly mount?: string;
}

type VaultAuth = VaultTokenAuth | VaultAppRoleAuth | VaultKubernetesAuth;

interface VaultKubernetesAuth {
    readonly kubernetesRole: string;
    readonly jwtFile?: string;
    readonly mount?: string;
}

interface VaultOptions {
    readonly address: string;
    readonly path: string;
    readonly mount?: string;
    readonly field?: SecretField;
    readonly auth: VaultAuth;
    readonly namespace?: string;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
    readonly now?: () => number;
}

interface VaultTokenAuth {
    readonly token: string | SecretSource;
}

function authorizedFetch(source: TokenSource, options?: AuthorizedFetchOptions): AuthorizedFetch;

function budgeted(source: TokenSource, options?: BudgetOptions): TokenSource;

function cachedSecret(source: SecretSource, options: CachedSecretOptions): SecretSource;

function certificateBound(options: CertificateBoundOptions): SenderConstraint;

function certificateThumbprint(certificate: string | Uint8Array): Promise<string>;

function clientCredentials(options: ClientCredentialsOptions): TokenSource;

function clientSecretJwt(options: ClientSecretJwtOptions): ClientAuthentication;

function createClient(options: ClientOptions): Client;

function createClientFor(apiUrl: string, options: CreateClientForOptions): Promise<Client>;

function currentAndNext(current: SecretSource, next: SecretSource): SecretSource;

function discoverResource(apiUrl: string, options: DiscoverResourceOptions): Promise<DiscoveredResource>;

function dpop(options?: DpopOptions): SenderConstraint;

function federatedAssertion(source: SecretSource, options?: FederatedAssertionOptions): ClientAuthentication;

function fromAwsSecretsManager(options: AwsSecretsManagerOptions): SecretSource;

function fromAzureKeyVault(options: AzureKeyVaultOptions): SecretSource;

function fromEnv(name: string): SecretSource;

function fromFile(path: string): SecretSource;

function fromGoogleSecretManager(options: GoogleSecretManagerOptions): SecretSource;

function fromVault(options: VaultOptions): SecretSource;

function generateStoreKey(): string;

function githubActionsToken(options: GithubActionsTokenOptions): SecretSource;

function isTokenError(error: unknown): error is TokenError;

function jwtBearer(options: JwtBearerOptions): TokenSource;

function memoryNonceStore(limit?: number): NonceStore;

function observed(source: TokenSource, options: ObservedOptions): TokenSource;

function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication;

function retrying(source: TokenSource, options?: RetryOptions): TokenSource;

function reuse(source: TokenSource, options?: ReuseOptions): TokenSource;

function selfSignedTlsClientAuth(options: TlsClientAuthOptions): ClientAuthentication;

function shared(source: TokenSource, options: SharedOptions): TokenSource;

function sharedTokens(options: SharingOptions): TokenSharing;

function signedAssertion(options: SignedAssertionOptions): GrantAssertion;

function tlsClientAuth(options: TlsClientAuthOptions): ClientAuthentication;

function tokenCacheKey(parts: TokenKeyParts, keys: readonly (string | Uint8Array)[]): Promise<string>;
