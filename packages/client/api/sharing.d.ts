// The public API of @countersign/client/sharing. Written by: npm run check -- --update

import { BasicEncoding } from '@countersign/protocol'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'
import { generateStoreKey } from '@countersign/protocol'

export {
  SharedOptions,
  SharingOptions,
  StoreError,
  StoreOperation,
  TokenKeyParts,
  TokenLease,
  TokenOwner,
  TokenStore,
  TokenStoreEntry,
  generateStoreKey,
  shared,
  sharedTokens,
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

interface AuthenticatedRequest {
    readonly headers: Readonly<Record<string, string>>;
    readonly parameters: readonly (readonly [name: string, value: string])[];
    readonly encodingMatters?: boolean;
}

interface AuthorizationDetail {
    readonly type: string;
    readonly [member: string]: unknown;
}

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
    readonly grant?: ClientGrant | undefined;
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

interface ClientGrant extends Grant {
    complete(options: GrantOptions): ClientCredentialsOptions;
    fingerprint(): Promise<string>;
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

type ErrorCode = 'ERR_NETWORK' | 'ERR_TIMEOUT' | 'ERR_CLOSED' | 'ERR_METADATA_NOT_FOUND' | 'ERR_METADATA_ISSUER' | 'ERR_METADATA_INVALID' | 'ERR_CREDENTIAL' | 'ERR_AUTH_METHOD' | 'ERR_REFUSED' | 'ERR_RESPONSE_STATUS' | 'ERR_RESPONSE_BODY' | 'ERR_RESPONSE_MEMBER' | 'ERR_RESPONSE_TOO_LARGE' | 'ERR_RESPONSE_REDIRECT' | 'ERR_BUDGET' | 'ERR_PROOF' | 'ERR_STORE' | 'ERR_STORE_ENTRY' | 'ERR_NO_TOKEN' | 'ERR_INSECURE_URL' | 'ERR_ORIGIN_NOT_ALLOWED' | 'ERR_CROSS_ORIGIN_REDIRECT' | 'ERR_TOO_MANY_REDIRECTS' | 'ERR_BODY_NOT_REPLAYABLE' | 'ERR_PRIVATE_ADDRESS' | 'ERR_RESOURCE_METADATA' | 'ERR_RESOURCE_MISMATCH' | 'ERR_ISSUER_NOT_ALLOWED';

type ErrorPhase = 'discovery' | 'credential' | 'token' | 'store' | 'attach';

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface Grant {
    readonly type: string;
    readonly credential?: GrantCredential;
}

interface GrantContext extends ClientAuthenticationContext {
    readonly asked: AskedToken;
}

interface GrantCredential {
    readonly parameter: string;
    prove(context: GrantContext, refused: readonly string[]): Promise<string | undefined>;
}

type GrantOptions = Omit<ClientCredentialsOptions, 'clientId'> & {
    readonly clientId?: string;
};

interface OAuthErrorMembers {
    readonly error: string;
    readonly description: string | undefined;
    readonly uri: string | undefined;
    readonly correlationId?: string | undefined;
}

type PeerRole = 'authorization_server' | 'resource';

type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused';

type SecretAnswer = string | readonly string[];

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

class StoreError extends TokenError {
    readonly name = "StoreError";
    readonly operation: StoreOperation;
    constructor(code: 'ERR_STORE' | 'ERR_STORE_ENTRY', message: string, { operation }: {
        readonly operation: StoreOperation;
    });
}

type StoreOperation = 'key' | 'get' | 'lease' | 'replace' | 'release';

interface TokenEndpointQuirks {
    readonly grantType?: string;
    readonly scopeSeparator?: ' ' | ',';
    readonly requestFormat?: 'form' | 'json';
    readonly readAnswer?: (answer: JsonObject) => JsonObject;
    readonly readHeaders?: (headers: Headers) => void;
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

function shared(source: TokenSource, options: SharedOptions): TokenSource;

function sharedTokens(options: SharingOptions): TokenSharing;

function tokenCacheKey(parts: TokenKeyParts, keys: readonly (string | Uint8Array)[]): Promise<string>;
