// The public API of @countersign/testkit/hostile. Written by: npm run check -- --update

import { DenialReason } from '@countersign/guard'
import { JsonObject } from '@countersign/protocol'
import { KeyObject } from 'node:crypto'

export {
  HOSTILE_CASES,
  HOSTILE_PROOF_CASES,
  HostileCase,
  HostileContext,
  HostileGroup,
  HostileMessage,
  HostileOutcome,
  HostileReport,
  HostileRequest,
  HostileResult,
  HostileTarget,
  MintAlgorithm,
  ProofMint,
  TokenIssuer,
  TokenIssuerOptions,
  TokenMint,
  TokenMintOptions,
  fireCases,
  formatHostileReport,
  proofMint,
  startTokenIssuer,
  tokenMint,
}

const HOSTILE_CASES: readonly HostileCase[];

const HOSTILE_PROOF_CASES: readonly HostileCase[];

interface HostileCase {
    readonly name: string;
    readonly group: HostileGroup;
    readonly source: string;
    readonly make: (context: HostileContext) => HostileRequest | HostileMessage;
    readonly status: 200 | 400 | 401 | 403;
    readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | undefined;
    readonly reason: DenialReason | undefined;
}

interface HostileContext {
    readonly mint: TokenMint;
    readonly key: ProofMint;
    readonly url: string;
    readonly method: string;
    readonly nonce: string | undefined;
}

type HostileGroup = 'honest'
 | 'algorithm'
 | 'header'
 | 'claims'
 | 'rfc9068'
 | 'binding'
 | 'request'
 | 'method'
 | 'wire' | 'scope'
 | 'principal'
 | 'proof';

interface HostileMessage {
    readonly message: string;
}

type HostileOutcome = 'owed' | 'refused' | 'failed' | 'accepted';

interface HostileReport {
    readonly ok: boolean;
    readonly counts: Readonly<Record<HostileOutcome, number>>;
    readonly results: readonly HostileResult[];
}

interface HostileRequest {
    readonly method?: string;
    readonly query?: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body?: string;
    readonly times?: number;
}

interface HostileResult {
    readonly name: string;
    readonly group: HostileGroup;
    readonly source: string;
    readonly outcome: HostileOutcome;
    readonly owed: {
        readonly status: number;
        readonly error: string | undefined;
    };
    readonly seen: {
        readonly status: number;
        readonly error: string | undefined;
    } | undefined;
}

interface HostileTarget {
    readonly url: string;
    readonly mint: TokenMint;
    readonly method?: string;
    readonly publicUrl?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly ca?: string;
    readonly timeout?: number;
}

type MintAlgorithm = 'ES256' | 'RS256' | 'PS256' | 'EdDSA' | 'Ed25519' | 'ML-DSA-44' | 'ML-DSA-65';

type Part = JsonObject | string | Uint8Array;

interface ProofMint {
    readonly thumbprint: string;
    readonly privateJwk: JsonObject;
    proof(url: string, token: string, now: number, changed?: {
        readonly claims?: JsonObject;
        readonly header?: JsonObject;
    }): string;
}

interface ReceivedRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
}

interface TokenIssuer extends AsyncDisposable {
    readonly origin: string;
    readonly mint: TokenMint;
    readonly requests: readonly ReceivedRequest[];
    breakDown(broken: boolean): void;
    close(): Promise<void>;
}

interface TokenIssuerOptions extends Omit<TokenMintOptions, 'issuer' | 'now'> {
    readonly now?: () => number;
}

interface TokenMint {
    readonly issuer: string;
    readonly audience: string;
    readonly clientId: string;
    readonly scope: string;
    readonly kid: string;
    readonly algorithm: MintAlgorithm;
    readonly publicKey: KeyObject;
    readonly jwk: JsonObject;
    readonly jwks: JsonObject;
    readonly now: () => number;
    claims(overrides?: JsonObject): JsonObject;
    token(overrides?: {
        readonly claims?: JsonObject;
        readonly header?: JsonObject;
    }): string;
    sign(header: Part, payload: Part): string;
}

interface TokenMintOptions {
    readonly issuer: string;
    readonly audience: string;
    readonly now: () => number;
    readonly algorithm?: MintAlgorithm;
    readonly kid?: string;
    readonly privateKey?: KeyObject;
    readonly clientId?: string;
    readonly scope?: string;
    readonly claims?: JsonObject;
}

function fireCases(cases: readonly HostileCase[], { url, mint, method, publicUrl, headers, ca, timeout }: HostileTarget): Promise<HostileReport>;

function formatHostileReport({ ok, counts, results }: HostileReport): string;

function proofMint(): ProofMint;

function startTokenIssuer({ now, ...options }: TokenIssuerOptions): Promise<TokenIssuer>;

function tokenMint({ issuer, audience, now, algorithm, kid, privateKey, clientId, scope, claims: besides, }: TokenMintOptions): TokenMint;
