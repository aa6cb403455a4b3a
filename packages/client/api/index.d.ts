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
  BasicEncoding,
  BudgetOptions,
  Client,
  ClientAuthentication,
  ClientAuthenticationContext,
  ClientCredentialsOptions,
  ClientEvent,
  ClientEventListener,
  ClientOptions,
  ClientSecretMethod,
  ConstrainedAnswer,
  ConstrainedRequest,
  CredentialError,
  ERROR_CATALOGUE,
  ErrorCatalogueEntry,
  ErrorCode,
  ErrorPhase,
  FetchFunction,
  GrantClientOptions,
  OAuthErrorMembers,
  PeerError,
  PeerRole,
  RefusalError,
  RequestCause,
  RetryOptions,
  ReuseOptions,
  SecretAnswer,
  SecretRead,
  SecretSource,
  SenderConstraint,
  TokenEndpointQuirks,
  TokenError,
  TokenErrorDetails,
  TokenPresentation,
  TokenRequest,
  TokenSharing,
  TokenSource,
  TokenStatus,
  TokenVariation,
  TransportError,
  authorizedFetch,
  budgeted,
  clientCredentials,
  createClient,
  fromEnv,
  fromFile,
  isTokenError,
  retrying,
  reuse,
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

interface BudgetOptions {
    readonly perHour?: number;
    readonly perHourInAll?: number;
    readonly mode?: 'warn' | 'block';
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface Client extends AsyncDisposable {
    readonly getToken: (request?: TokenRequest) => Promise<AccessToken>;
    readonly peek: () => AccessToken | undefined;
    readonly fetch: AuthorizedFetch;
    readonly source: TokenSource;
    readonly status: () => TokenStatus;
    readonly close: () => Promise<void>;
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

interface ClientOptions extends ClientCredentialsOptions, AuthorizedFetchOptions {
    readonly wrap?: (source: TokenSource) => TokenSource;
    readonly share?: TokenSharing;
    readonly maxTokens?: number;
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

class CredentialError extends TokenError {
    readonly name = "CredentialError";
}

const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorCatalogueEntry>>;

interface ErrorCatalogueEntry {
    readonly meaning: string;
    readonly cure: string;
}

type ErrorCode = 'ERR_NETWORK' | 'ERR_TIMEOUT' | 'ERR_CLOSED' | 'ERR_METADATA_NOT_FOUND' | 'ERR_METADATA_ISSUER' | 'ERR_METADATA_INVALID' | 'ERR_CREDENTIAL' | 'ERR_AUTH_METHOD' | 'ERR_REFUSED' | 'ERR_RESPONSE_STATUS' | 'ERR_RESPONSE_BODY' | 'ERR_RESPONSE_MEMBER' | 'ERR_RESPONSE_TOO_LARGE' | 'ERR_RESPONSE_REDIRECT' | 'ERR_BUDGET' | 'ERR_PROOF' | 'ERR_STORE' | 'ERR_STORE_ENTRY' | 'ERR_NO_TOKEN' | 'ERR_INSECURE_URL' | 'ERR_ORIGIN_NOT_ALLOWED' | 'ERR_CROSS_ORIGIN_REDIRECT' | 'ERR_TOO_MANY_REDIRECTS' | 'ERR_BODY_NOT_REPLAYABLE' | 'ERR_PRIVATE_ADDRESS' | 'ERR_RESOURCE_METADATA' | 'ERR_RESOURCE_MISMATCH' | 'ERR_ISSUER_NOT_ALLOWED';

type ErrorPhase = 'discovery' | 'credential' | 'token' | 'store' | 'attach';

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface Grant {
    readonly type: string;
    readonly credential?: GrantCredential;
}

interface GrantClientOptions extends Omit<ClientOptions, 'clientId'> {
    readonly grant: ClientGrant;
    readonly clientId?: string;
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

class PeerError extends TokenError {
    readonly name = "PeerError";
}

type PeerRole = 'authorization_server' | 'resource';

class RefusalError extends TokenError {
    readonly name = "RefusalError";
}

type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused';

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

function authorizedFetch(source: TokenSource, options?: AuthorizedFetchOptions): AuthorizedFetch;

function budgeted(source: TokenSource, options?: BudgetOptions): TokenSource;

function clientCredentials(options: ClientCredentialsOptions): TokenSource;

function createClient(options: ClientOptions | GrantClientOptions): Client;

function fromEnv(name: string): SecretSource;

function fromFile(path: string): SecretSource;

function isTokenError(error: unknown): error is TokenError;

function retrying(source: TokenSource, options?: RetryOptions): TokenSource;

function reuse(source: TokenSource, options?: ReuseOptions): TokenSource;
