// The public API of @countersign/client. Written by: npm run check -- --update

import { ArgumentError } from '@countersign/protocol'
import { ArgumentErrorCode } from '@countersign/protocol'
import { BasicEncoding } from '@countersign/protocol'

export {
  AccessToken,
  AccessTokenInit,
  ArgumentError,
  ArgumentErrorCode,
  AttachError,
  AuthorizedFetch,
  AuthorizedFetchOptions,
  BasicEncoding,
  Client,
  ClientCredentialsOptions,
  ClientEvent,
  ClientEventListener,
  ClientOptions,
  ClientSecretMethod,
  CredentialError,
  ERROR_CATALOGUE,
  ErrorCatalogueEntry,
  ErrorCode,
  ErrorPhase,
  FetchFunction,
  OAuthErrorMembers,
  PeerError,
  RefusalError,
  ReuseOptions,
  SecretSource,
  TokenError,
  TokenErrorDetails,
  TokenRequest,
  TokenSource,
  TransportError,
  authorizedFetch,
  clientCredentials,
  createClient,
  fromEnv,
  fromFile,
  isTokenError,
  reuse,
}

class AccessToken {
    #private;
    readonly type: 'Bearer' | 'DPoP';
    readonly obtainedAt: number;
    readonly expiresAt: number | undefined;
    readonly refreshAt: number | undefined;
    readonly scope: readonly string[];
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
}

class AttachError extends TokenError {
    readonly name = "AttachError";
}

type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface AuthorizedFetchOptions {
    readonly origins?: readonly string[];
    readonly fetch?: FetchFunction;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface Client extends AsyncDisposable {
    readonly getToken: (request?: TokenRequest) => Promise<AccessToken>;
    readonly fetch: AuthorizedFetch;
    readonly source: TokenSource;
    readonly close: () => Promise<void>;
}

interface ClientCredentialsOptions {
    readonly issuer?: string;
    readonly tokenEndpoint?: string;
    readonly clientId: string;
    readonly clientSecret: string | SecretSource;
    readonly authMethod?: ClientSecretMethod;
    readonly basicEncoding?: BasicEncoding;
    readonly scope?: string | readonly string[];
    readonly resource?: string | readonly string[];
    readonly audience?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
    readonly defaultLifetime?: number;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
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
};

type ClientEventListener = (event: ClientEvent) => void;

interface ClientOptions extends ClientCredentialsOptions, AuthorizedFetchOptions {
}

type ClientSecretMethod = 'client_secret_basic' | 'client_secret_post';

class CredentialError extends TokenError {
    readonly name = "CredentialError";
}

const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorCatalogueEntry>>;

interface ErrorCatalogueEntry {
    readonly meaning: string;
    readonly cure: string;
}

type ErrorCode = 'ERR_NETWORK' | 'ERR_TIMEOUT' | 'ERR_CLOSED' | 'ERR_METADATA_NOT_FOUND' | 'ERR_METADATA_ISSUER' | 'ERR_METADATA_INVALID' | 'ERR_CREDENTIAL' | 'ERR_AUTH_METHOD' | 'ERR_REFUSED' | 'ERR_RESPONSE_STATUS' | 'ERR_RESPONSE_BODY' | 'ERR_RESPONSE_MEMBER' | 'ERR_RESPONSE_TOO_LARGE' | 'ERR_RESPONSE_REDIRECT' | 'ERR_NO_TOKEN' | 'ERR_INSECURE_URL' | 'ERR_ORIGIN_NOT_ALLOWED' | 'ERR_CROSS_ORIGIN_REDIRECT' | 'ERR_TOO_MANY_REDIRECTS' | 'ERR_BODY_NOT_REPLAYABLE';

type ErrorPhase = 'discovery' | 'credential' | 'token' | 'attach';

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface OAuthErrorMembers {
    readonly error: string;
    readonly description: string | undefined;
    readonly uri: string | undefined;
}

class PeerError extends TokenError {
    readonly name = "PeerError";
}

class RefusalError extends TokenError {
    readonly name = "RefusalError";
}

interface ReuseOptions {
    readonly timeout?: number;
    readonly failureMemory?: number;
    readonly shareRequests?: boolean;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
    readonly random?: () => number;
}

type SecretSource = () => string | Promise<string>;

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

interface TokenRequest {
    readonly signal?: AbortSignal;
    readonly rejected?: AccessToken;
}

type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

class TransportError extends TokenError {
    readonly name = "TransportError";
    constructor(code: 'ERR_NETWORK' | 'ERR_TIMEOUT', message: string, details: TokenErrorDetails);
}

function authorizedFetch(source: TokenSource, options?: AuthorizedFetchOptions): AuthorizedFetch;

function clientCredentials(options: ClientCredentialsOptions): TokenSource;

function createClient(options: ClientOptions): Client;

function fromEnv(name: string): SecretSource;

function fromFile(path: string): SecretSource;

function isTokenError(error: unknown): error is TokenError;

function reuse(source: TokenSource, options?: ReuseOptions): TokenSource;
