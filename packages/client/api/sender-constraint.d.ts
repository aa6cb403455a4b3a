// The public API of @countersign/client/sender-constraint. Written by: npm run check -- --update

export {
  CertificateBoundOptions,
  DpopOptions,
  NonceStore,
  certificateBound,
  certificateThumbprint,
  dpop,
  memoryNonceStore,
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

interface CertificateBoundOptions {
    readonly fetch: FetchFunction;
    readonly thumbprint: DeclaredThumbprint;
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

interface DpopOptions {
    readonly key?: SigningKeyInput;
    readonly alg?: SignatureAlgorithm;
    readonly nonceStore?: NonceStore;
    readonly now?: () => number;
}

interface ExternalSigningKey {
    readonly alg: SignatureAlgorithm;
    readonly kid?: string;
    readonly publicJwk?: PublicJwk;
    sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface NonceStore {
    get(key: string): string | undefined;
    set(key: string, nonce: string): void;
}

type PeerRole = 'authorization_server' | 'resource';

interface PrivateJwk extends JsonWebKey {
    readonly kid?: string;
}

interface PublicJwk {
    readonly kty: string;
    readonly crv?: string;
    readonly x?: string;
    readonly y?: string;
    readonly n?: string;
    readonly e?: string;
}

interface SenderConstraint {
    readonly tokenType: 'Bearer' | 'DPoP';
    binding(): Promise<string>;
    headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>;
    learn(answer: ConstrainedAnswer): boolean;
    abandon?(sent: Readonly<Record<string, string>>): void;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

type SignatureAlgorithm = 'ES256' | 'ES384' | 'PS256' | 'RS256' | 'Ed25519' | 'EdDSA';

type SigningKeyInput = PrivateJwk | string | CryptoKey | CryptoKeyPair | ExternalSigningKey;

interface TokenPresentation {
    readonly header: string;
    readonly scheme: string | null;
    readonly headers?: Readonly<Record<string, string>>;
}

function certificateBound(options: CertificateBoundOptions): SenderConstraint;

function certificateThumbprint(certificate: string | Uint8Array): Promise<string>;

function dpop(options?: DpopOptions): SenderConstraint;

function memoryNonceStore(limit?: number): NonceStore;
