// The public API of @countersign/testkit/contracts. Written by: npm run check -- --update

import { Allowed } from '@countersign/guard'
import { DenialReason } from '@countersign/guard'
import { Guard } from '@countersign/guard'
import { JsonObject } from '@countersign/protocol'
import { KeyObject } from 'node:crypto'
import { RegistryStore } from '@countersign/server'
import { Rule } from '@countersign/guard'
import { TokenStore } from '@countersign/client/sharing'

export {
  HOSTILE_TOKENS,
  HostileToken,
  MintAlgorithm,
  RegistryStoreContractOptions,
  ServeGuarded,
  TokenMint,
  TokenMintOptions,
  TokenStoreContractOptions,
  guardContract,
  registryStoreContract,
  tokenMint,
  tokenStoreContract,
}

const HOSTILE_TOKENS: readonly HostileToken[];

interface HostileToken {
    readonly name: string;
    readonly group: 'algorithm' | 'header' | 'claims' | 'request' | 'rights';
    readonly authorization: (mint: TokenMint) => string;
    readonly status: 400 | 401 | 403;
    readonly error: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | undefined;
    readonly reason: DenialReason;
}

interface LoopbackServer extends AsyncDisposable {
    readonly origin: string;
    readonly requests: readonly ReceivedRequest[];
    close(): Promise<void>;
}

type MintAlgorithm = 'ES256' | 'RS256' | 'PS256' | 'EdDSA' | 'Ed25519' | 'ML-DSA-44' | 'ML-DSA-65';

interface ReceivedRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
}

interface RegistryStoreContractOptions {
    readonly makeStore: () => RegistryStore | Promise<RegistryStore>;
    readonly cleanUp?: () => void | Promise<void>;
}

type ServeGuarded = (guard: Guard, rule: Rule, reply: (caller: Allowed) => string) => Promise<LoopbackServer>;

interface TokenMint {
    readonly issuer: string;
    readonly audience: string;
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
    sign(header: JsonObject | string, payload: JsonObject | string): string;
}

interface TokenMintOptions {
    readonly issuer: string;
    readonly audience: string;
    readonly now: () => number;
    readonly algorithm?: MintAlgorithm;
    readonly kid?: string;
}

interface TokenStoreContractOptions {
    readonly makeStore: () => TokenStore | Promise<TokenStore>;
    readonly pass: (milliseconds: number) => void | Promise<void>;
    readonly cleanUp?: () => void | Promise<void>;
}

function guardContract(name: string, serve: ServeGuarded): void;

function registryStoreContract(name: string, options: RegistryStoreContractOptions): void;

function tokenMint({ issuer, audience, now, algorithm, kid, }: TokenMintOptions): TokenMint;

function tokenStoreContract(name: string, options: TokenStoreContractOptions): void;
