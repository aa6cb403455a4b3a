// The public API of @countersign/client/credentials. Written by: npm run check -- --update

export {
  DriverCredentials,
  DriverCredentialsOptions,
  DriverTokenOptions,
  OAuthBearerOptions,
  OAuthBearerToken,
  TokenSource,
  credentialsFrom,
  oauthBearer,
  passwordFrom,
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

interface AuthorizationDetail {
    readonly type: string;
    readonly [member: string]: unknown;
}

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

type DeclaredThumbprint = string | (() => string | Promise<string>);

interface DriverCredentials {
    readonly username: string;
    readonly password: string;
    readonly expiresAt: number | undefined;
}

interface DriverCredentialsOptions extends DriverTokenOptions {
    readonly username: string;
}

interface DriverTokenOptions {
    readonly certificateThumbprint?: DeclaredThumbprint;
    readonly now?: () => number;
}

interface OAuthBearerOptions extends DriverTokenOptions {
    readonly extensions?: Readonly<Record<string, string>>;
}

interface OAuthBearerToken {
    readonly value: string;
    readonly extensions?: Readonly<Record<string, string>>;
}

type PeerRole = 'authorization_server' | 'resource';

interface SenderConstraint {
    readonly tokenType: 'Bearer' | 'DPoP';
    binding(): Promise<string>;
    headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>;
    learn(answer: ConstrainedAnswer): boolean;
    abandon?(sent: Readonly<Record<string, string>>): void;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
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

function credentialsFrom(source: TokenSource, options: DriverCredentialsOptions): () => Promise<DriverCredentials>;

function oauthBearer(source: TokenSource, options?: OAuthBearerOptions): () => Promise<OAuthBearerToken>;

function passwordFrom(source: TokenSource, options?: DriverTokenOptions): () => Promise<string>;
