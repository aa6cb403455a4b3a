// The public API of @countersign/guard/revocation. Written by: npm run check -- --update

import { AccessTokenClaims } from '@countersign/protocol'
import { DocumentEvent } from '@countersign/verify'
import { DpopFault } from '@countersign/verify'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'
import { KeySource } from '@countersign/verify'
import { LoadFault } from '@countersign/verify'

export {
  MarkOptions,
  MarkTarget,
  RevocationCheck,
  RevocationContext,
  RevocationHookOptions,
  RevocationMarks,
  RevocationMarksOptions,
  RevocationSource,
  Standing,
  TokenFacts,
  WhenUnknown,
  revocationHook,
  revocationMarks,
}

interface AllowedEvent {
    readonly type: 'allowed';
    readonly kind: 'client' | 'user';
    readonly clientId: string;
    readonly issuer: string;
    readonly audience: readonly string[];
    readonly scopes: readonly string[];
    readonly duration: number;
}

type BindingDenialReason = 'binding_required' | 'dpop_required' | 'dpop_not_bound' | `dpop_${DpopFault}` | 'dpop_replayed' | 'replay_unavailable' | 'certificate_missing' | 'certificate_mismatch' | 'certificate_untrusted_proxy' | 'certificate_several' | 'certificate_malformed';

interface ClientPrincipal {
    readonly kind: 'client';
    readonly clientId: string;
    readonly scopes: ReadonlySet<string>;
}

type DenialReason = 'no_credentials' | 'malformed_credentials' | 'malformed_token' | 'algorithm_not_allowed' | 'wrong_type' | 'unknown_key' | 'bad_signature' | 'malformed_claims' | 'wrong_issuer' | 'wrong_audience' | 'expired' | 'not_yet_valid' | 'issued_in_future' | 'binding_unsupported' | 'principal_kind' | 'insufficient_scope' | 'keys_unavailable' | 'inactive' | 'introspection_unavailable' | RevocationDenialReason | BindingDenialReason;

type GuardEvent = AllowedEvent | {
    readonly type: 'denied' | 'would_deny';
    readonly reason: DenialReason;
    readonly status: 400 | 401 | 403 | 503;
    readonly clientId: string | undefined;
}
 | {
    readonly type: 'query_token';
}
 | {
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
    readonly source: RevocationSourceKind;
    readonly clientId: string;
} | DocumentEvent;

type IntrospectionFault = 
'no_endpoint'
 | 'authorize' | 'network' | 'timeout'
 | 'unauthorized'
 | 'status' | 'content_type' | 'too_large' | 'not_json'
 | 'unacceptable'
 | 'busy';

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

type Principal = ClientPrincipal | UserPrincipal;

interface RevocationCheck {
    (token: VerifiedAccessToken): Standing | Promise<Standing>;
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
    readonly emit: (event: GuardEvent) => void;
}

type RevocationDenialReason = 'revoked' | 'suspended' | 'status_unusable' | 'revocation_unavailable';

type RevocationFault = LoadFault
 | 'keys'
 | 'signature'
 | 'expired'
 | 'no_feed'
 | 'hook';

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

type Standing = {
    readonly ok: true;
    readonly unchecked?: RevocationSourceKind;
} | {
    readonly ok: false;
    readonly reason: RevocationDenialReason;
    readonly retryAfter?: number;
};

interface TokenFacts extends VerifiedToken {
    readonly clientId: string;
    readonly subject: string;
    readonly credentialId: string | undefined;
    readonly key: string | undefined;
}

interface UserPrincipal {
    readonly kind: 'user';
    readonly subject: string;
    readonly clientId: string;
    readonly scopes: ReadonlySet<string>;
}

interface VerifiedAccessToken {
    readonly ok: true;
    readonly claims: AccessTokenClaims;
    readonly principal: Principal;
    readonly view: VerifiedToken;
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

function revocationHook(isRevoked: (token: TokenFacts) => boolean | Promise<boolean>, options?: RevocationHookOptions): RevocationSource;

function revocationMarks(options?: RevocationMarksOptions): RevocationMarks;
