// The public API of @countersign/verify. Written by: npm run check -- --update

import { AuthorizationServerMetadata } from '@countersign/protocol'
import { Certificate } from '@countersign/protocol'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'
import { VerificationJwk } from '@countersign/protocol'

export {
  CertificateFormat,
  CertificateReading,
  CertificateSubject,
  ClientCertificate,
  DEFAULT_SIGNATURE_ALGORITHMS,
  DPOP_FAULTS,
  DocumentEvent,
  DpopFault,
  DpopFaultAnswer,
  DpopNonces,
  DpopNoncesOptions,
  DpopPresentation,
  DpopReplay,
  DpopVerdict,
  DpopVerifier,
  DpopVerifierOptions,
  FetchJsonOptions,
  FetchTextOptions,
  FetchedJson,
  FetchedText,
  Gathering,
  IssuerAddressOptions,
  IssuerDocument,
  IssuerKeysOptions,
  KeyLoadOptions,
  KeyLookup,
  KeySet,
  KeySource,
  LoadFailure,
  LoadFault,
  LoadFlight,
  LoadRequest,
  Loaded,
  MAX_CANDIDATES,
  MAX_DOCUMENT,
  MIN_HMAC_SECRET,
  NonceCheck,
  ProxiedCertificateReading,
  ProxiedRequest,
  ProxyCertificateOptions,
  ProxyCertificates,
  PublicFetchOptions,
  PublicJwk,
  PublishedKeysOptions,
  RemoteDocument,
  RemoteDocumentOptions,
  SIGNATURE_ALGORITHMS,
  SignatureAlgorithm,
  SignatureVerifier,
  VerificationKey,
  certificateFromSocket,
  dpopNonces,
  dpopVerifier,
  fetchJson,
  fetchText,
  gathering,
  givenKeys,
  hasSubject,
  importHmacVerifier,
  importKeySet,
  importVerifier,
  isRequestBound,
  issuerAddress,
  issuerKeys,
  keyFits,
  keySource,
  loadFlight,
  proxyCertificates,
  publicFetch,
  publishedKeys,
  readClientCertificate,
  readRetryAfter,
  remoteDocument,
  sha256Base64url,
  toPublicJwk,
  unlessAborted,
}

type CertificateFormat = 
'rfc9440'
 | 'escaped-pem'
 | 'base64-der'
 | 'xfcc';

type CertificateReading = {
    readonly kind: 'none';
} | {
    readonly kind: 'presented';
    readonly certificate: ClientCertificate;
} | {
    readonly kind: 'refused';
    readonly reason: 'untrusted_proxy' | 'several' | 'malformed';
};

type CertificateSubject = {
    readonly subjectDn: string;
} | {
    readonly sanDns: string;
} | {
    readonly sanUri: string;
} | {
    readonly sanIp: string;
} | {
    readonly sanEmail: string;
};

interface ClientCertificate extends Certificate {
    readonly thumbprint: string;
    readonly verified: boolean;
}

const DEFAULT_SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[];

const DPOP_FAULTS: Readonly<Record<DpopFault, DpopFaultAnswer>>;

type Defer = (run: () => void) => unknown;

type DocumentEvent = {
    readonly type: 'loaded';
    readonly document: IssuerDocument;
} | {
    readonly type: 'load_failed';
    readonly document: IssuerDocument;
    readonly fault: LoadFault;
    readonly failures: number;
    readonly retryAt: number;
}
 | {
    readonly type: 'stale';
    readonly document: IssuerDocument;
    readonly staleUntil: number;
}
 | {
    readonly type: 'unpinned_keys';
    readonly document: 'keys';
    readonly count: number;
};

type DpopFault = 'no_proof' | 'several_proofs' | 'malformed_proof' | 'wrong_type' | 'algorithm_not_allowed' | 'private_key' | 'unusable_key' | 'bad_signature' | 'wrong_method' | 'wrong_url' | 'no_nonce' | 'wrong_nonce' | 'too_old' | 'issued_in_future' | 'wrong_token_hash' | 'wrong_key';

interface DpopFaultAnswer {
    readonly error: 'invalid_dpop_proof' | 'use_dpop_nonce';
    readonly description: string;
}

interface DpopNonces {
    issue(): Promise<string>;
    check(nonce: string): Promise<NonceCheck>;
}

interface DpopNoncesOptions {
    readonly secrets: readonly (string | Uint8Array)[];
    readonly audience: string;
    readonly lifetime?: number;
    readonly now?: () => number;
}

interface DpopPresentation {
    readonly proof: string | readonly string[] | null | undefined;
    readonly method: string;
    readonly url: string | readonly string[];
    readonly accessToken?: string | undefined;
    readonly boundTo?: string | undefined;
}

interface DpopReplay {
    readonly key: string;
    readonly until: number;
}

type DpopVerdict = {
    readonly ok: true;
    readonly thumbprint: string;
    readonly jti: string;
    readonly issuedAt: number;
    readonly replay: DpopReplay;
    readonly nextNonce: string | undefined;
} | {
    readonly ok: false;
    readonly reason: DpopFault;
    readonly nextNonce: string | undefined;
};

type DpopVerifier = (presentation: DpopPresentation) => Promise<DpopVerdict>;

interface DpopVerifierOptions {
    readonly algorithms?: readonly SignatureAlgorithm[];
    readonly maxAge?: number;
    readonly clockTolerance?: number;
    readonly nonces?: DpopNonces;
    readonly nonce?: 'required' | 'optional';
    readonly alwaysCheckAge?: boolean;
    readonly now?: () => number;
}

type FetchJsonOptions = Omit<FetchTextOptions, 'isWanted' | 'maxBytes'>;

interface FetchTextOptions {
    readonly fetch: typeof globalThis.fetch;
    readonly accept: string;
    readonly isWanted: (mediaType: string) => boolean;
    readonly maxBytes: number;
    readonly signal: AbortSignal;
    readonly etag?: string | undefined;
    readonly force?: boolean;
}

interface FetchedJson extends Omit<FetchedText, 'body'> {
    readonly body: JsonObject | undefined;
}

interface FetchedText {
    readonly body: string | undefined;
    readonly etag: string | undefined;
    readonly maxAge: number | undefined;
}

type Gathering = () => Promise<void> | undefined;

interface GatheringOptions {
    readonly crowd: number;
    readonly defer?: Defer | false;
}

interface IssuerAddressOptions extends Omit<RemoteDocumentOptions<string>, 'name' | 'load'> {
    readonly issuer: Issuer;
    readonly fetch: typeof globalThis.fetch;
    readonly read: (metadata: AuthorizationServerMetadata) => unknown;
}

type IssuerDocument = 'metadata' | 'keys';

interface IssuerKeysOptions extends KeyLoadOptions {
    readonly issuer: Issuer;
    readonly jwksUri: string | undefined;
}

interface KeyLoadOptions {
    readonly algorithms: ReadonlySet<SignatureAlgorithm>;
    readonly fetch: typeof globalThis.fetch;
    readonly now: () => number;
    readonly timeout: number;
    readonly staleFor: number;
    readonly emit: (event: DocumentEvent) => void;
    readonly pinnedKeys?: ReadonlySet<string> | undefined;
    readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

type KeyLookup = {
    readonly kind: 'found';
    readonly keys: readonly VerificationKey[];
}
 | {
    readonly kind: 'unknown';
}
 | {
    readonly kind: 'unavailable';
    readonly retryAfter: number;
    readonly fault: LoadFault | undefined;
};

interface KeySet {
    candidates(algorithm: string, kid: string | undefined): readonly VerificationKey[];
    has(kid: string): boolean;
    readonly unpinned: number;
}

interface KeySource {
    find(algorithm: string, kid: string | undefined, at?: number): KeyLookup | Promise<KeyLookup>;
    held(at?: number): object | undefined;
    findReplaced(algorithm: string, kid: string | undefined): Promise<KeyLookup>;
}

class LoadFailure extends Error {
    static [Symbol.hasInstance](value: unknown): boolean;
    readonly name = "LoadFailure";
    readonly fault: LoadFault;
    readonly retryAfter: number;
    constructor(fault: LoadFault, retryAfter?: number);
}

type LoadFault = 'network' | 'timeout' | 'redirect' | 'status' | 'content_type' | 'too_large' | 'not_json' | 'unacceptable'
 | 'forbidden_address'
 | 'metadata';

interface LoadFlight {
    join(load: () => Promise<boolean>): Promise<boolean>;
    isOpen(): boolean;
    ended(): Promise<void>;
}

interface LoadRequest {
    readonly etag: string | undefined;
    readonly force: boolean;
    readonly signal: AbortSignal;
}

interface Loaded<T> {
    readonly value: T | undefined;
    readonly etag: string | undefined;
    readonly maxAge: number | undefined;
}

const MAX_CANDIDATES = 4;

const MAX_DOCUMENT: number;

const MIN_HMAC_SECRET = 32;

type MlDsa = 'ML-DSA-44' | 'ML-DSA-65';

type NonceCheck = {
    readonly valid: true;
    readonly newest: boolean;
    readonly expiresAt: number;
} | {
    readonly valid: false;
};

type ProxiedCertificateReading = CertificateReading
 | {
    readonly kind: 'digest';
    readonly thumbprint: string;
};

interface ProxiedRequest {
    readonly headers: {
        get(name: string): string | null;
    };
    readonly remoteAddress: string | undefined;
}

interface ProxyCertificateOptions {
    readonly format: CertificateFormat;
    readonly trustedProxies?: readonly string[];
    readonly secret?: {
        readonly header: string;
        readonly values: readonly string[];
    };
    readonly header?: string;
    readonly verified?: 'always' | 'never' | {
        readonly header: string;
        readonly value: string;
    };
}

interface ProxyCertificates {
    (request: ProxiedRequest): Promise<ProxiedCertificateReading>;
    isForeign(request: ProxiedRequest): boolean;
}

interface PublicFetchOptions {
    readonly allowedAddresses?: readonly string[];
    readonly loopbackHttp?: boolean;
    readonly ca?: string | readonly string[];
    readonly resolve?: (hostname: string) => Promise<readonly string[]>;
    readonly timeout?: number;
    readonly maxBytes?: number;
}

type PublicJwk = {
    readonly kty: 'EC';
    readonly crv: 'P-256';
    readonly x: string;
    readonly y: string;
} | {
    readonly kty: 'OKP';
    readonly crv: 'Ed25519';
    readonly x: string;
} | {
    readonly kty: 'RSA';
    readonly n: string;
    readonly e: string;
} | {
    readonly kty: 'AKP';
    readonly alg: MlDsa;
    readonly pub: string;
};

interface PublishedKeysOptions extends KeyLoadOptions {
    readonly jwksUri: string | (() => Promise<string | undefined>);
    readonly retryAfter?: () => number;
    readonly toJwkSet?: (document: JsonObject) => JsonObject;
}

interface RemoteDocument<T> {
    get(at?: number): T | undefined | Promise<T | undefined>;
    peek(): T | undefined;
    reload(): Promise<boolean>;
    isLoading(): boolean;
    loaded(): Promise<void>;
    loads(): number;
    retryAfter(): number;
    fault(): LoadFault | undefined;
}

interface RemoteDocumentOptions<T> {
    readonly name: IssuerDocument;
    readonly load: (request: LoadRequest) => Promise<Loaded<T>>;
    readonly now: () => number;
    readonly timeout: number;
    readonly staleFor: number;
    readonly emit: (event: DocumentEvent) => void;
    readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

const SIGNATURE_ALGORITHMS: readonly [
    'ES256',
    'PS256',
    'EdDSA',
    'Ed25519',
    'RS256',
    'ML-DSA-44',
    'ML-DSA-65'
];

type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

interface SignatureVerifier {
    verify(input: string | Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): boolean | Promise<boolean>;
}

interface VerificationKey extends SignatureVerifier {
    readonly thumbprint: string;
}

function certificateFromSocket(socket: object): Promise<CertificateReading>;

function dpopNonces(options: DpopNoncesOptions): DpopNonces;

function dpopVerifier(options?: DpopVerifierOptions): DpopVerifier;

function fetchJson(url: string, options: FetchJsonOptions): Promise<FetchedJson>;

function fetchText(url: string, { fetch, accept, isWanted, maxBytes, signal, etag, force }: FetchTextOptions): Promise<FetchedText>;

function gathering({ crowd, defer }: GatheringOptions): Gathering;

function givenKeys(jwks: JsonObject, algorithms: ReadonlySet<SignatureAlgorithm>): KeySource;

function hasSubject(certificate: Certificate, subject: CertificateSubject): boolean;

function importHmacVerifier(secret: string): Promise<SignatureVerifier | undefined>;

function importKeySet(body: unknown, algorithms: ReadonlySet<SignatureAlgorithm>, pinnedKeys?: ReadonlySet<string>): Promise<KeySet | undefined>;

function importVerifier(key: PublicJwk, algorithm: SignatureAlgorithm): Promise<SignatureVerifier | undefined>;

function isRequestBound(): boolean;

function issuerAddress(options: IssuerAddressOptions): RemoteDocument<string>;

function issuerKeys(options: IssuerKeysOptions): RemoteDocument<KeySet>;

function keyFits({ kty, crv, alg }: VerificationJwk, algorithm: SignatureAlgorithm): boolean;

function keySource(document: RemoteDocument<KeySet>, now: () => number): KeySource;

function loadFlight(now: () => number, timeout: number): LoadFlight;

function proxyCertificates(options: ProxyCertificateOptions): ProxyCertificates;

function publicFetch(options?: PublicFetchOptions): typeof globalThis.fetch;

function publishedKeys(options: PublishedKeysOptions): RemoteDocument<KeySet>;

function readClientCertificate(der: Uint8Array<ArrayBuffer>, { verified }: {
    readonly verified: boolean;
}): Promise<CertificateReading>;

function readRetryAfter(field: string | null): number;

function remoteDocument<T>({ name, load, now, timeout, staleFor, emit, waitUntil, }: RemoteDocumentOptions<T>): RemoteDocument<T>;

function sha256Base64url(data: string | Uint8Array<ArrayBuffer>): string | Promise<string>;

function toPublicJwk({ kty, crv, jwk }: VerificationJwk): PublicJwk | undefined;

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T>;
