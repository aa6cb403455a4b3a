// The public API of @countersign/client/authentication. Written by: npm run check -- --update

import { BasicEncoding } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'

export {
  ClientAssertionOptions,
  ClientAssertionType,
  ClientGrant,
  ClientSecretJwtOptions,
  ExternalSigningKey,
  FederatedAssertionOptions,
  GithubActionsTokenOptions,
  GrantAssertion,
  GrantContext,
  GrantOptions,
  JwtBearerOptions,
  PrivateJwk,
  PrivateKeyJwtOptions,
  PublicJwk,
  SignatureAlgorithm,
  SignedAssertionOptions,
  SigningCredential,
  SigningCredentialOptions,
  SigningKeyAnswer,
  SigningKeyInput,
  SigningKeySource,
  TlsClientAuthOptions,
  clientSecretJwt,
  federatedAssertion,
  githubActionsToken,
  jwtBearer,
  jwtBearerGrant,
  privateKeyJwt,
  selfSignedTlsClientAuth,
  signedAssertion,
  tlsClientAuth,
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

interface Grant {
    readonly type: string;
    readonly credential?: GrantCredential;
}

interface GrantAssertion {
    (context: GrantContext, refused: readonly string[]): string | undefined | Promise<string | undefined>;
    fingerprint?(): Promise<string>;
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

interface JwtBearerOptions extends Omit<ClientCredentialsOptions, 'clientId'> {
    readonly assertion: GrantAssertion;
    readonly clientId?: string;
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
    readonly readHeaders?: (headers: Headers) => void;
    readonly presentation?: TokenPresentation;
    readonly defaultLifetime?: number;
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

type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

interface TokenVariation {
    readonly scope?: string | readonly string[];
    readonly resource?: string | readonly string[];
    readonly audience?: string;
    readonly authorizationDetails?: readonly AuthorizationDetail[];
    readonly parameters?: Readonly<Record<string, string>>;
    readonly partition?: string;
}

function clientSecretJwt(options: ClientSecretJwtOptions): ClientAuthentication;

function federatedAssertion(source: SecretSource, options?: FederatedAssertionOptions): ClientAuthentication;

function githubActionsToken(options: GithubActionsTokenOptions): SecretSource;

function jwtBearer(options: JwtBearerOptions): TokenSource;

function jwtBearerGrant(assertion: GrantAssertion): ClientGrant;

function privateKeyJwt(options: PrivateKeyJwtOptions): ClientAuthentication;

function selfSignedTlsClientAuth(options: TlsClientAuthOptions): ClientAuthentication;

function signedAssertion(options: SignedAssertionOptions): GrantAssertion;

function tlsClientAuth(options: TlsClientAuthOptions): ClientAuthentication;
