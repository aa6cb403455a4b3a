// The public API of @countersign/testkit/contracts. Written by: npm run check -- --update

import { Allowed } from '@countersign/guard'
import { AuditLog } from '@countersign/server'
import { ClientPrincipal } from '@countersign/guard'
import { Guard } from '@countersign/guard'
import { JsonObject } from '@countersign/protocol'
import { KeyObject } from 'node:crypto'
import { OpaqueTokenStore } from '@countersign/server'
import { ProfileName } from '@countersign/guard'
import { RegistryStore } from '@countersign/server'
import { ReplayStore } from '@countersign/server'
import { Rule } from '@countersign/guard'
import { ServerStore } from '@countersign/server'
import { TokenStore } from '@countersign/client/sharing'
import { UsageStore } from '@countersign/server'
import { UserPrincipal } from '@countersign/guard'

export {
  AuditLogContractOptions,
  MintAlgorithm,
  OpaqueTokenStoreContractOptions,
  PROVIDER_TOKENS,
  ProofMint,
  ProviderToken,
  RegistryStoreContractOptions,
  ReplayStoreContractOptions,
  ServeGuarded,
  ServerStoreContractOptions,
  TokenMint,
  TokenMintOptions,
  TokenStoreContractOptions,
  UsageStoreContractOptions,
  auditLogContract,
  guardContract,
  opaqueTokenStoreContract,
  proofMint,
  registryStoreContract,
  replayStoreContract,
  serverStoreContract,
  tokenMint,
  tokenStoreContract,
  usageStoreContract,
}

interface AuditLogContractOptions {
    readonly makeLog: () => AuditLog | Promise<AuditLog>;
    readonly cleanUp?: () => void | Promise<void>;
}

interface LoopbackServer extends AsyncDisposable {
    readonly origin: string;
    readonly requests: readonly ReceivedRequest[];
    close(): Promise<void>;
}

type MintAlgorithm = 'ES256' | 'RS256' | 'PS256' | 'EdDSA' | 'Ed25519' | 'ML-DSA-44' | 'ML-DSA-65';

interface OpaqueTokenStoreContractOptions {
    readonly makeStores: (count: number) => readonly OpaqueTokenStore[] | Promise<readonly OpaqueTokenStore[]>;
    readonly cleanUp?: () => void | Promise<void>;
}

const PROVIDER_TOKENS: readonly ProviderToken[];

type Part = JsonObject | string | Uint8Array;

interface ProofMint {
    readonly thumbprint: string;
    readonly privateJwk: JsonObject;
    proof(url: string, token: string, now: number, changed?: {
        readonly claims?: JsonObject;
        readonly header?: JsonObject;
    }): string;
}

interface ProviderToken {
    readonly provider: string;
    readonly profile: ProfileName;
    readonly kind: 'client' | 'user' | 'id token';
    readonly principal: ClientPrincipal | UserPrincipal | undefined;
    token(mint: TokenMint, overrides?: JsonObject): string;
}

interface ReceivedRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Headers;
    readonly body: string;
}

interface RegistryStoreContractOptions {
    readonly makeStores: (count: number) => readonly RegistryStore[] | Promise<readonly RegistryStore[]>;
    readonly cleanUp?: () => void | Promise<void>;
}

interface ReplayStoreContractOptions {
    readonly makeStores: (count: number) => readonly ReplayStore[] | Promise<readonly ReplayStore[]>;
    readonly cleanUp?: () => void | Promise<void>;
}

type ServeGuarded = (guard: Guard, rule: Rule, reply: (caller: Allowed) => string) => Promise<LoopbackServer>;

interface ServerStoreContractOptions {
    readonly makeStores: (count: number) => readonly ServerStore[] | Promise<readonly ServerStore[]>;
    readonly cleanUp?: () => void | Promise<void>;
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

interface TokenStoreContractOptions {
    readonly makeStore: () => TokenStore | Promise<TokenStore>;
    readonly pass: (milliseconds: number) => void | Promise<void>;
    readonly cleanUp?: () => void | Promise<void>;
}

interface UsageStoreContractOptions {
    readonly makeStores: (count: number) => readonly UsageStore[] | Promise<readonly UsageStore[]>;
    readonly cleanUp?: () => void | Promise<void>;
}

function auditLogContract(name: string, options: AuditLogContractOptions): void;

function guardContract(name: string, serve: ServeGuarded): void;

function opaqueTokenStoreContract(name: string, options: OpaqueTokenStoreContractOptions): void;

function proofMint(): ProofMint;

function registryStoreContract(name: string, options: RegistryStoreContractOptions): void;

function replayStoreContract(name: string, options: ReplayStoreContractOptions): void;

function serverStoreContract(name: string, options: ServerStoreContractOptions): void;

function tokenMint({ issuer, audience, now, algorithm, kid, privateKey, clientId, scope, claims: besides, }: TokenMintOptions): TokenMint;

function tokenStoreContract(name: string, options: TokenStoreContractOptions): void;

function usageStoreContract(name: string, options: UsageStoreContractOptions): void;
