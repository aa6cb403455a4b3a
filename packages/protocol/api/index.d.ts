// The public API of @countersign/protocol. Written by: npm run check -- --update

export {
  ACCESS_TOKEN_TYPE,
  AccessTokenClaims,
  AddressRange,
  ArgumentError,
  ArgumentErrorCode,
  AuthorizationDetail,
  AuthorizationServerMetadata,
  BasicCredentials,
  BasicEncoding,
  Certificate,
  Challenge,
  CompactJws,
  DPOP_PROOF_TYPE,
  DistinguishedName,
  DpopProof,
  ErrorResponse,
  Form,
  ForwardedClientCert,
  Issuer,
  JsonObject,
  JwsHeader,
  MAX_AUTHORIZATION_DETAILS,
  MAX_CERTIFICATE,
  MAX_COMPACT_JWS,
  MAX_DPOP_PROOF,
  MAX_EXPIRES_IN,
  MAX_SEALED,
  NameAttribute,
  Opened,
  Parsed,
  ParsedTokenRequest,
  Resource,
  ScopeToken,
  SealFault,
  StoreKey,
  StorePurpose,
  TOKEN_ERROR_CODES,
  TOKEN_REQUEST_PARAMETERS,
  TokenAuthorization,
  TokenErrorCode,
  TokenRequestFault,
  TokenRequestMessage,
  TokenResponse,
  TokenType,
  Unparsed,
  VerificationJwk,
  assertKnownOptions,
  dpopTarget,
  findTokenAuthorization,
  formatAuthorizationDetails,
  formatAuthorizationServerMetadata,
  formatBase64url,
  formatBasicCredentials,
  formatChallenges,
  formatClientCert,
  formatCompactJws,
  formatDerSignature,
  formatDistinguishedName,
  formatErrorResponse,
  formatForm,
  formatIpAddress,
  formatJwkSet,
  formatScope,
  formatSigningInput,
  formatTokenAuthorization,
  formatTokenRequest,
  formatTokenResponse,
  generateStoreKey,
  isEncodingNeutral,
  isInRanges,
  isJsonObject,
  isLoopback,
  isPublicAddress,
  isSameDistinguishedName,
  isScopeToken,
  isSecureUrl,
  isTokenText,
  metadataUrls,
  nearestName,
  openText,
  optionalFunction,
  optionalNumber,
  optionalSecureUrl,
  optionalString,
  parseAccessTokenClaims,
  parseAddressRange,
  parseAuthorizationDetails,
  parseAuthorizationServerMetadata,
  parseBase64Der,
  parseBase64url,
  parseBasicCredentials,
  parseCertificate,
  parseChallenges,
  parseClientCert,
  parseCompactJws,
  parseDerSignature,
  parseDistinguishedName,
  parseDpopProof,
  parseErrorResponse,
  parseEscapedPem,
  parseForm,
  parseForwardedClientCert,
  parseIpAddress,
  parseIssuer,
  parseJsonObject,
  parseJwkSet,
  parseResource,
  parseScope,
  parseSecureUrl,
  parseTokenAuthorization,
  parseTokenRequest,
  parseTokenResponse,
  parsed,
  readBoundedText,
  requiredString,
  sealText,
  singleParameter,
  storeKeyRing,
  storeName,
  thumbprintInput,
  tokenRequestParameters,
  unparsed,
}

const ACCESS_TOKEN_TYPE = "at+jwt";

interface AccessTokenClaims {
    readonly iss: string;
    readonly sub: string;
    readonly aud: readonly string[];
    readonly client_id: string;
    readonly exp: number;
    readonly iat: number;
    readonly nbf: number | undefined;
    readonly jti: string;
    readonly scope: readonly ScopeToken[];
    readonly all: JsonObject;
}

interface AddressRange {
    readonly first: Uint8Array;
    readonly length: number;
}

class ArgumentError extends TypeError {
    static [Symbol.hasInstance](value: unknown): boolean;
    readonly name = "ArgumentError";
    readonly code: ArgumentErrorCode;
    readonly option: string;
    constructor(code: ArgumentErrorCode, option: string, message: string);
}

type ArgumentErrorCode = 'ERR_ARGUMENT_MISSING' | 'ERR_ARGUMENT_TYPE' | 'ERR_ARGUMENT_VALUE' | 'ERR_ARGUMENT_UNKNOWN';

interface AuthorizationDetail extends JsonObject {
    readonly type: string;
}

interface AuthorizationServerMetadata {
    readonly issuer: string;
    readonly tokenEndpoint: string | undefined;
    readonly mtlsTokenEndpoint: string | undefined;
    readonly jwksUri: string | undefined;
    readonly tokenEndpointAuthMethods: readonly string[];
    readonly grantTypes: readonly string[] | undefined;
    readonly scopes: readonly string[] | undefined;
    readonly all: JsonObject;
}

interface BasicCredentials {
    readonly clientId: string;
    readonly clientSecret: string;
}

type BasicEncoding = 'form' | 'raw';

interface Certificate {
    readonly der: Uint8Array<ArrayBuffer>;
    readonly subjectDn: string;
    readonly issuerDn: string;
    readonly serialNumber: string;
    readonly notBeforeAt: number;
    readonly notAfterAt: number;
    readonly sanDns: readonly string[];
    readonly sanUri: readonly string[];
    readonly sanEmail: readonly string[];
    readonly sanIp: readonly string[];
}

interface Challenge {
    readonly scheme: string;
    readonly parameters: ReadonlyMap<string, string>;
    readonly token68?: string;
}

interface CompactJws {
    readonly header: JwsHeader;
    readonly payload: JsonObject;
    readonly signingInput: string;
    readonly signed: Uint8Array<ArrayBuffer>;
    readonly signature: Uint8Array<ArrayBuffer>;
}

const DPOP_PROOF_TYPE = "dpop+jwt";

type DistinguishedName = readonly (readonly NameAttribute[])[];

interface DpopProof {
    readonly alg: string;
    readonly typ: string | undefined;
    readonly jwk: JsonObject;
    readonly jti: string;
    readonly htm: string;
    readonly htu: string;
    readonly iat: number;
    readonly ath: string | undefined;
    readonly nonce: string | undefined;
    readonly signingInput: string;
    readonly signature: Uint8Array<ArrayBuffer>;
}

interface ErrorResponse {
    readonly error: string;
    readonly description: string | undefined;
    readonly uri: string | undefined;
    readonly correlationId?: string | undefined;
}

type Form = ReadonlyMap<string, readonly string[]>;

type ForwardedClientCert = {
    readonly der: Uint8Array<ArrayBuffer>;
    readonly hash: string | undefined;
} | {
    readonly der: undefined;
    readonly hash: string;
};

type Issuer = string & {
    readonly [brand]: true;
};

type JsonObject = Readonly<Record<string, unknown>>;

interface JwsHeader {
    readonly alg: string;
    readonly kid: string | undefined;
    readonly typ: string | undefined;
}

const MAX_AUTHORIZATION_DETAILS = 4096;

const MAX_CERTIFICATE = 65536;

const MAX_COMPACT_JWS = 16384;

const MAX_DPOP_PROOF = 12288;

const MAX_EXPIRES_IN = 315360000;

const MAX_SEALED = 65536;

interface NameAttribute {
    readonly type: string;
    readonly value: string;
    readonly isHex: boolean;
}

type Opened = {
    readonly ok: true;
    readonly text: string;
} | {
    readonly ok: false;
    readonly fault: SealFault;
};

type Parsed<T> = {
    readonly ok: true;
    readonly value: T;
} | Unparsed;

interface ParsedTokenRequest {
    readonly grantType: string;
    readonly scope: readonly ScopeToken[];
    readonly resource: readonly Resource[];
    readonly audience: string | undefined;
    readonly authorizationDetails: readonly AuthorizationDetail[];
}

type Resource = string & {
    readonly [resource]: true;
};

type ScopeToken = string & {
    readonly [scopeToken]: true;
};

type SealFault = 'too_long'
 | 'format'
 | 'unknown_key'
 | 'altered';

interface StoreKey {
    readonly purpose: StorePurpose;
    readonly id: string;
    readonly sealing: CryptoKey;
    readonly naming: CryptoKey;
}

type StorePurpose = 'token' | 'answer';

const TOKEN_ERROR_CODES: readonly ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type', 'invalid_scope', 'invalid_target', 'invalid_dpop_proof', 'use_dpop_nonce', 'invalid_authorization_details'];

const TOKEN_REQUEST_PARAMETERS: readonly string[];

type TokenAuthorization = 
{
    readonly kind: 'none';
}
 | {
    readonly kind: 'malformed';
    readonly reason: string;
} | {
    readonly kind: 'token';
    readonly type: TokenType;
    readonly token: string;
};

type TokenErrorCode = (typeof TOKEN_ERROR_CODES)[number];

interface TokenRequestFault extends Unparsed {
    readonly error: 'invalid_request' | 'invalid_scope' | 'invalid_target' | 'invalid_authorization_details';
}

interface TokenRequestMessage {
    readonly grantType: string;
    readonly scope: readonly string[];
    readonly resource: readonly string[];
    readonly audience?: string;
    readonly parameters?: Readonly<Record<string, string>>;
}

interface TokenResponse {
    readonly accessToken: string;
    readonly tokenType: 'Bearer' | 'DPoP';
    readonly expiresIn: number | undefined;
    readonly scope: readonly ScopeToken[] | undefined;
    readonly refreshIn: number | undefined;
    readonly authorizationDetails?: readonly JsonObject[];
}

type TokenType = 'Bearer' | 'DPoP';

interface Unparsed {
    readonly ok: false;
    readonly member: string;
    readonly reason: string;
}

interface VerificationJwk {
    readonly kid: string | undefined;
    readonly kty: 'EC' | 'RSA' | 'OKP' | 'AKP';
    readonly crv: string | undefined;
    readonly alg: string | undefined;
    readonly jwk: JsonObject;
}

function assertKnownOptions(caller: string, options: unknown, names: readonly string[]): asserts options is Record<string, unknown>;

const brand: unique symbol;

function dpopTarget(url: string): string | undefined;

function findTokenAuthorization(header: string | null | undefined, types: readonly TokenType[]): TokenAuthorization;

function formatAuthorizationDetails(details: readonly AuthorizationDetail[]): string;

function formatAuthorizationServerMetadata(metadata: AuthorizationServerMetadata): JsonObject;

function formatBase64url(bytes: Uint8Array): string;

function formatBasicCredentials({ clientId, clientSecret }: BasicCredentials, encoding?: BasicEncoding): string;

function formatChallenges(challenges: readonly Challenge[]): string;

function formatClientCert(der: Uint8Array): string;

function formatCompactJws(signingInput: string, signature: Uint8Array): string;

function formatDerSignature(rs: Uint8Array, room?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>;

function formatDistinguishedName(name: DistinguishedName): string;

function formatErrorResponse(response: ErrorResponse): JsonObject;

function formatForm(parameters: Iterable<readonly [name: string, value: string]>): string;

function formatIpAddress(bytes: Uint8Array): string;

function formatJwkSet(keys: readonly JsonObject[]): JsonObject;

function formatScope(scopes: readonly string[]): string;

function formatSigningInput(header: JsonObject, payload: JsonObject): string;

function formatTokenAuthorization(tokenType: TokenType, token: string): string;

function formatTokenRequest(request: TokenRequestMessage): string;

function formatTokenResponse(response: TokenResponse): JsonObject;

function generateStoreKey(): string;

function isEncodingNeutral({ clientId, clientSecret }: BasicCredentials): boolean;

function isInRanges(address: string, ranges: readonly AddressRange[]): boolean;

function isJsonObject(value: unknown): value is JsonObject;

function isLoopback(hostname: string): boolean;

function isPublicAddress(address: string): boolean;

function isSameDistinguishedName(one: string, other: string): boolean;

function isScopeToken(text: unknown): text is ScopeToken;

function isSecureUrl(url: URL): boolean;

function isTokenText(text: string): boolean;

function metadataUrls(issuer: Issuer): readonly string[];

function nearestName(name: string, candidates: readonly string[]): string | undefined;

function openText(ring: readonly StoreKey[], sealed: string, name: string): Promise<Opened>;

function optionalFunction<T>(caller: string, name: string, value: T | undefined, fallback: T): T;

function optionalNumber(caller: string, name: string, value: unknown, { fallback, min, max }: {
    readonly fallback: number;
    readonly min: number;
    readonly max: number;
}): number;

function optionalSecureUrl(caller: string, name: string, value: unknown): string | undefined;

function optionalString(caller: string, name: string, value: unknown): string | undefined;

function parseAccessTokenClaims(payload: unknown): Parsed<AccessTokenClaims>;

function parseAddressRange(text: string): Parsed<AddressRange>;

function parseAuthorizationDetails(text: string): Parsed<readonly AuthorizationDetail[]>;

function parseAuthorizationServerMetadata(body: unknown, expectedIssuer: string): Parsed<AuthorizationServerMetadata>;

function parseBase64Der(field: string): Parsed<Uint8Array<ArrayBuffer>>;

function parseBase64url(text: string): Uint8Array<ArrayBuffer> | undefined;

function parseBasicCredentials(authorization: string, encoding?: BasicEncoding): Parsed<BasicCredentials>;

function parseCertificate(der: Uint8Array<ArrayBuffer>): Parsed<Certificate>;

function parseChallenges(header: string): Parsed<readonly Challenge[]>;

function parseClientCert(field: string): Parsed<Uint8Array<ArrayBuffer>>;

function parseCompactJws(text: string, maxLength?: number): Parsed<CompactJws>;

function parseDerSignature(der: Uint8Array, size: number): Uint8Array<ArrayBuffer> | undefined;

function parseDistinguishedName(text: string): Parsed<DistinguishedName>;

function parseDpopProof(text: string): Parsed<DpopProof>;

function parseErrorResponse(body: unknown): Parsed<ErrorResponse>;

function parseEscapedPem(field: string): Parsed<Uint8Array<ArrayBuffer>>;

function parseForm(text: string, maxParameters?: number): Parsed<Form>;

function parseForwardedClientCert(field: string): Parsed<ForwardedClientCert>;

function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined;

function parseIssuer(text: unknown): Parsed<Issuer>;

function parseJsonObject(text: string, maxDepth?: number): Parsed<JsonObject>;

function parseJwkSet(body: unknown): Parsed<readonly VerificationJwk[]>;

function parseResource(text: unknown): Parsed<Resource>;

function parseScope(text: unknown): Parsed<readonly ScopeToken[]>;

function parseSecureUrl(member: string, text: unknown): Parsed<URL>;

function parseTokenAuthorization(header: string | null | undefined, types: readonly TokenType[]): TokenAuthorization;

function parseTokenRequest(form: Form): {
    readonly ok: true;
    readonly value: ParsedTokenRequest;
} | TokenRequestFault;

function parseTokenResponse(body: unknown): Parsed<TokenResponse>;

function parsed<T>(value: T): {
    readonly ok: true;
    readonly value: T;
};

function readBoundedText(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string | undefined>;

function requiredString(caller: string, name: string, value: unknown): string;

const resource: unique symbol;

const scopeToken: unique symbol;

function sealText(key: StoreKey, text: string, name: string): Promise<string>;

function singleParameter(form: Form, name: string): Parsed<string | undefined>;

function storeKeyRing(caller: string, keys: unknown, purpose: StorePurpose): () => Promise<readonly StoreKey[]>;

function storeName({ naming }: StoreKey, about: string): Promise<string>;

function thumbprintInput(jwk: object): string | undefined;

function tokenRequestParameters(request: TokenRequestMessage): [string, string][];

function unparsed(member: string, reason: string): Unparsed;
