// The public API of @countersign/client/grpc. Written by: npm run check -- --update

export {
  AttachOptions,
  GrpcMetadata,
  GrpcModule,
  TokenSource,
  callCredentials,
  retryUnauthenticated,
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

interface AttachOptions {
    readonly origins?: readonly string[];
    readonly certificateThumbprint?: DeclaredThumbprint;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface AuthorizationDetail {
    readonly type: string;
    readonly [member: string]: unknown;
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

interface GrpcMetadata {
    set(name: string, value: string): void;
}

interface GrpcModule<Credentials, Metadata extends GrpcMetadata> {
    readonly credentials: {
        createFromMetadataGenerator(generate: (call: {
            service_url: string;
        }, done: (error: Error | null, metadata?: Metadata) => void) => void): Credentials;
    };
    readonly Metadata: new () => Metadata;
}

type PeerRole = 'authorization_server' | 'resource';

type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused';

interface SenderConstraint {
    readonly tokenType: 'Bearer' | 'DPoP';
    binding(): Promise<string>;
    headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>;
    learn(answer: ConstrainedAnswer): boolean;
    abandon?(sent: Readonly<Record<string, string>>): void;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

type StoreOperation = 'key' | 'get' | 'lease' | 'replace' | 'release';

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

function callCredentials<Credentials, Metadata extends GrpcMetadata>(source: TokenSource, grpc: GrpcModule<Credentials, Metadata>, options?: Omit<AttachOptions, 'onEvent'>): Credentials;

function retryUnauthenticated<Result>(source: TokenSource, call: () => Promise<Result>): Promise<Result>;
