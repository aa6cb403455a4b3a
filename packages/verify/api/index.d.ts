// The public API of @countersign/verify. Written by: npm run check -- --update

import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'
import { VerificationJwk } from '@countersign/protocol'

export {
  DEFAULT_SIGNATURE_ALGORITHMS,
  DocumentEvent,
  FetchJsonOptions,
  FetchedJson,
  IssuerDocument,
  IssuerKeysOptions,
  KeyLookup,
  KeySet,
  KeySource,
  LoadFailure,
  LoadFault,
  LoadRequest,
  Loaded,
  MAX_CANDIDATES,
  MAX_DOCUMENT,
  MIN_HMAC_SECRET,
  PublicJwk,
  RemoteDocument,
  RemoteDocumentOptions,
  SIGNATURE_ALGORITHMS,
  SignatureAlgorithm,
  SignatureVerifier,
  fetchJson,
  importHmacVerifier,
  importKeySet,
  importVerifier,
  issuerKeys,
  keyFits,
  keySource,
  remoteDocument,
  toPublicJwk,
}

const DEFAULT_SIGNATURE_ALGORITHMS: readonly SignatureAlgorithm[];

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
};

interface FetchJsonOptions {
    readonly fetch: typeof globalThis.fetch;
    readonly accept: string;
    readonly signal: AbortSignal;
    readonly etag?: string | undefined;
    readonly force?: boolean;
}

interface FetchedJson {
    readonly body: JsonObject | undefined;
    readonly etag: string | undefined;
    readonly maxAge: number | undefined;
}

type IssuerDocument = 'metadata' | 'keys';

interface IssuerKeysOptions {
    readonly issuer: Issuer;
    readonly jwksUri: string | undefined;
    readonly algorithms: ReadonlySet<SignatureAlgorithm>;
    readonly fetch: typeof globalThis.fetch;
    readonly now: () => number;
    readonly timeout: number;
    readonly staleFor: number;
    readonly emit: (event: DocumentEvent) => void;
}

type KeyLookup = {
    readonly kind: 'found';
    readonly keys: readonly SignatureVerifier[];
}
 | {
    readonly kind: 'unknown';
}
 | {
    readonly kind: 'unavailable';
    readonly retryAfter: number;
};

interface KeySet {
    candidates(algorithm: string, kid: string | undefined): readonly SignatureVerifier[];
    has(kid: string): boolean;
}

interface KeySource {
    find(algorithm: string, kid: string | undefined): KeyLookup | Promise<KeyLookup>;
    findReplaced(algorithm: string, kid: string | undefined): Promise<KeyLookup>;
}

class LoadFailure extends Error {
    readonly name = "LoadFailure";
    readonly fault: LoadFault;
    readonly retryAfter: number;
    constructor(fault: LoadFault, retryAfter?: number);
}

type LoadFault = 'network' | 'timeout' | 'redirect' | 'status' | 'content_type' | 'too_large' | 'not_json' | 'unacceptable'
 | 'metadata';

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

interface RemoteDocument<T> {
    get(): T | undefined | Promise<T | undefined>;
    peek(): T | undefined;
    reload(): Promise<boolean>;
    loading(): Promise<boolean> | undefined;
    loads(): number;
    retryAfter(): number;
}

interface RemoteDocumentOptions<T> {
    readonly name: IssuerDocument;
    readonly load: (request: LoadRequest) => Promise<Loaded<T>>;
    readonly now: () => number;
    readonly timeout: number;
    readonly staleFor: number;
    readonly emit: (event: DocumentEvent) => void;
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
    verify(input: string, signature: Uint8Array<ArrayBuffer>): boolean | Promise<boolean>;
}

function fetchJson(url: string, { fetch, accept, signal, etag, force }: FetchJsonOptions): Promise<FetchedJson>;

function importHmacVerifier(secret: string): Promise<SignatureVerifier | undefined>;

function importKeySet(body: unknown, algorithms: ReadonlySet<SignatureAlgorithm>): Promise<KeySet | undefined>;

function importVerifier(key: PublicJwk, algorithm: SignatureAlgorithm): Promise<SignatureVerifier | undefined>;

function issuerKeys(options: IssuerKeysOptions): RemoteDocument<KeySet>;

function keyFits({ kty, crv, alg }: VerificationJwk, algorithm: SignatureAlgorithm): boolean;

function keySource(document: RemoteDocument<KeySet>, now: () => number): KeySource;

function remoteDocument<T>({ name, load, now, timeout, staleFor, emit, }: RemoteDocumentOptions<T>): RemoteDocument<T>;

function toPublicJwk({ kty, crv, jwk }: VerificationJwk): PublicJwk | undefined;
