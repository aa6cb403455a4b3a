// The public API of @countersign/guard/revocation. Written by: npm run check -- --update

import { AccessTokenClaims } from '@countersign/protocol'
import { DocumentEvent } from '@countersign/verify'
import { DpopFault } from '@countersign/verify'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'
import { KeySource } from '@countersign/verify'
import { LoadFault } from '@countersign/verify'
import { SealFault } from '@countersign/protocol'
import { SignatureAlgorithm } from '@countersign/verify'

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

type BindingDenialReason = 'binding_required' | 'dpop_required' | 'dpop_not_bound' | `dpop_${DpopFault}` | 'dpop_replayed' | 'replay_unavailable' | 'replay_full' | 'certificate_missing' | 'certificate_mismatch' | 'certificate_untrusted_proxy' | 'certificate_several' | 'certificate_malformed';

interface ClaimsDialect {
    isAccessToken(payload: JsonObject): boolean;
    isAccessTokenAnswer?(members: JsonObject): boolean;
    readonly clientId: readonly string[];
    readonly tokenId: {
        readonly claim: string;
        readonly required: boolean;
    };
    readonly scopes: Readonly<Record<'client' | 'user', NamesClaim>>;
    roles?(payload: JsonObject, audience: readonly string[]): unknown;
    permissions?(payload: JsonObject): unknown;
    kindOf(payload: JsonObject, clientId: string): 'client' | 'user' | undefined;
}

interface ClientPrincipal extends Rights {
    readonly kind: 'client';
    readonly clientId: string;
}

type DenialReason = 'no_credentials' | 'malformed_credentials' | 'malformed_token' | 'algorithm_not_allowed' | 'wrong_type' | 'unknown_key' | 'bad_signature' | 'malformed_claims' | 'unknown_issuer' | 'wrong_issuer' | 'wrong_audience' | 'expired' | 'not_yet_valid' | 'issued_in_future' | 'binding_unsupported' | 'principal_kind' | 'insufficient_scope' | 'keys_unavailable' | 'inactive' | 'introspection_unavailable' | 'introspection_limited' | RevocationDenialReason | BindingDenialReason;

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

interface NamesClaim {
    readonly claim: string;
    readonly form: 'text' | 'list';
}

type Principal = ClientPrincipal | UserPrincipal;

type PrincipalKind = 'client' | 'user' | 'any';

type ProfileName = 'rfc9068' | 'keycloak' | 'entra' | 'auth0' | 'okta' | 'cognito' | 'fapi2';

type Recheck = (token: VerifiedAccessToken) => TokenOutcome | undefined | Promise<TokenOutcome | undefined>;

interface RefusedToken {
    readonly ok: false;
    readonly reason: DenialReason;
    readonly retryAfter?: number;
    readonly issuer?: string;
    readonly clientId?: string;
}

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

interface Rights {
    readonly scopes: ReadonlySet<string>;
    readonly roles?: ReadonlySet<string>;
    readonly permissions?: ReadonlySet<string>;
}

interface RuleTerms {
    readonly mode: 'all' | 'any';
    readonly scopes: readonly string[];
    readonly principal: PrincipalKind;
    readonly confirmedWithin: number | undefined;
}

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
    readonly issuedAt: number;
    readonly clientId: string;
    readonly subject: string;
    readonly credentialId: string | undefined;
    readonly key: string | undefined;
}

type TokenOutcome = VerifiedAccessToken | RefusedToken;

interface TokenProfile {
    readonly name: ProfileName;
    readonly types: readonly (string | undefined)[];
    readonly algorithms: readonly SignatureAlgorithm[];
    readonly otherAlgorithms: boolean;
    readonly dialect?: ClaimsDialect;
    readonly audience: 'aud' | 'clients';
    readonly confirmation: Readonly<Record<string, string>>;
    readonly bound: boolean;
    readonly notBeforeTolerance: number;
}

interface UserPrincipal extends Rights {
    readonly kind: 'user';
    readonly subject: string;
    readonly clientId: string;
}

interface VerifiedAccessToken {
    readonly ok: true;
    readonly claims: AccessTokenClaims;
    readonly principal: Principal;
    readonly profile: TokenProfile;
    readonly view: VerifiedToken;
    readonly exp: number;
    readonly nbf: number | undefined;
    readonly iat: number;
    readonly isBound: boolean;
    readonly key: string | undefined;
    readonly alg: string | undefined;
    readonly kid: string | undefined;
    readonly recheck: Recheck | undefined;
    stoodBy: object | undefined;
    passed: RuleTerms | undefined;
    text: string | undefined;
    bytes: number;
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
