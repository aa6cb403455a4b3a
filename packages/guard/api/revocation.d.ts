// The public API of @countersign/guard/revocation. Written by: npm run check -- --update

import { AccessTokenClaims } from '@countersign/protocol'
import { DocumentEvent } from '@countersign/verify'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'
import { KeySource } from '@countersign/verify'
import { LoadFault } from '@countersign/verify'
import { SealFault } from '@countersign/protocol'

export {
  MarkOptions,
  MarkTarget,
  RevocationCheck,
  RevocationContext,
  RevocationFeedOptions,
  RevocationHookOptions,
  RevocationMarks,
  RevocationMarksOptions,
  RevocationSource,
  Standing,
  StatusListsOptions,
  TokenFacts,
  WhenUnknown,
  revocationFeed,
  revocationHook,
  revocationMarks,
  statusLists,
}

type IntrospectionFault = 
'no_endpoint'
 | 'authorize' | 'network' | 'timeout'
 | 'unauthorized'
 | 'status' | 'content_type' | 'too_large' | 'not_json'
 | 'unacceptable'
 | 'busy';

type IssuerEvent = 
{
    readonly type: 'introspected';
    readonly active: boolean;
    readonly duration: number;
}
 | {
    readonly type: 'introspection_failed';
    readonly fault: IntrospectionFault;
    readonly failures: number;
    readonly retryAt: number;
}
 | {
    readonly type: 'answer_shared';
    readonly active: boolean;
    readonly age: number;
}
 | {
    readonly type: 'sharing_failed';
    readonly operation: 'read' | 'write';
    readonly fault: SharingFault;
    readonly retryAt: number | undefined;
}
 | {
    readonly type: 'revocations_loaded';
    readonly source: 'feed' | 'status_list';
}
 | {
    readonly type: 'revocations_failed';
    readonly source: 'feed' | 'status_list' | 'hook';
    readonly fault: RevocationFault;
    readonly failures: number;
    readonly retryAt: number;
}
 | {
    readonly type: 'unchecked';
    readonly source: RevocationSourceKind | 'introspection';
    readonly clientId: string;
} | DocumentEvent;

interface MarkOptions {
    readonly issuedUntil?: number;
    readonly issuer?: string;
    readonly expiresAt?: number;
}

type MarkTarget = 
'token'
 | 'client'
 | 'credential'
 | 'signing_key'
 | 'resource'
 | 'subject'
 | 'issuer';

interface RevocationCheck {
    (claims: AccessTokenClaims, key: string | undefined): Standing | Promise<Standing>;
    load?(): Promise<boolean>;
}

interface RevocationContext {
    readonly issuer: Issuer;
    readonly keys: KeySource;
    readonly algorithms: ReadonlySet<string>;
    readonly fetch: typeof globalThis.fetch;
    readonly now: () => number;
    readonly timeout: number;
    readonly staleFor: number;
    readonly clockTolerance: number;
    readonly emit: (event: IssuerEvent) => void;
    readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

type RevocationDenialReason = 'revoked' | 'suspended' | 'status_unusable' | 'revocation_unavailable';

type RevocationFault = LoadFault
 | 'keys'
 | 'signature'
 | 'expired'
 | 'no_feed'
 | 'hook';

interface RevocationFeedOptions {
    readonly url?: string;
    readonly interval?: number;
    readonly staleFor?: number;
    readonly whenUnknown?: WhenUnknown;
    readonly maxMarks?: number;
}

interface RevocationHookOptions {
    readonly timeout?: number;
    readonly whenUnknown?: WhenUnknown;
}

interface RevocationMarks extends RevocationSource {
    revoke(target: MarkTarget, id: string, options?: MarkOptions): void;
    restore(target: MarkTarget, id: string, options?: Pick<MarkOptions, 'issuer'>): boolean;
    count(): number;
}

interface RevocationMarksOptions {
    readonly maxMarks?: number;
    readonly maxTokenLife?: number;
    readonly now?: () => number;
}

type RevocationSource = (context: RevocationContext) => RevocationCheck;

type RevocationSourceKind = 'marks' | 'feed' | 'status_list' | 'hook';

type SharingFault = StoreFault | SealFault
 | 'clock';

type Standing = {
    readonly ok: true;
    readonly unchecked?: RevocationSourceKind;
} | {
    readonly ok: false;
    readonly reason: RevocationDenialReason;
    readonly retryAfter?: number;
};

interface StatusListsOptions {
    readonly origins?: readonly string[];
    readonly maxAge?: number;
    readonly staleFor?: number;
    readonly whenUnknown?: WhenUnknown;
    readonly maxBytes?: number;
    readonly maxLists?: number;
}

type StoreFault = 
'store' | 'timeout';

interface TokenFacts extends VerifiedToken {
    readonly clientId: string;
    readonly subject: string;
    readonly credentialId: string | undefined;
    readonly key: string | undefined;
}

interface VerifiedToken {
    readonly issuer: string;
    readonly audience: readonly string[];
    readonly id: string;
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly claims: JsonObject;
}

type WhenUnknown = 'refuse' | 'allow';

function revocationFeed(options?: RevocationFeedOptions): RevocationSource;

function revocationHook(isRevoked: (token: TokenFacts) => boolean | Promise<boolean>, options?: RevocationHookOptions): RevocationSource;

function revocationMarks(options?: RevocationMarksOptions): RevocationMarks;

function statusLists(options?: StatusListsOptions): RevocationSource;
