// The public API of @countersign/guard/koa. Written by: npm run check -- --update

import { DpopFault } from '@countersign/verify'
import { JsonObject } from '@countersign/protocol'

export {
  GuardedMiddleware,
  GuardedState,
  KoaContextLike,
  MetadataMiddleware,
  NodeRequest,
  guarded,
  serveMetadata,
}

interface Allowed<Caller extends Principal = Principal> {
    readonly allowed: true;
    readonly principal: Caller;
    readonly token: VerifiedToken;
    readonly headers?: Readonly<Record<string, string>>;
    readonly wouldDeny?: DenialReason;
}

type BindingDenialReason = 'binding_required' | 'dpop_required' | 'dpop_not_bound' | `dpop_${DpopFault}` | 'dpop_replayed' | 'replay_unavailable' | 'replay_full' | 'certificate_missing' | 'certificate_mismatch' | 'certificate_untrusted_proxy' | 'certificate_several' | 'certificate_malformed';

type Check = {
    readonly name: CheckName;
    readonly outcome: 'ok' | 'skipped';
} | {
    readonly name: CheckName;
    readonly outcome: 'failed';
    readonly reason: DenialReason;
    readonly meaning: string;
    readonly cure: string;
};

type CheckName = 'credentials' | 'format' | 'algorithm' | 'type' | 'key' | 'signature' | 'claims' | 'issuer' | 'audience' | 'lifetime' | 'revocation' | 'binding' | 'principal' | 'scope';

interface ClientPrincipal extends Rights {
    readonly kind: 'client';
    readonly clientId: string;
}

type DenialReason = 'no_credentials' | 'malformed_credentials' | 'malformed_token' | 'algorithm_not_allowed' | 'wrong_type' | 'unknown_key' | 'bad_signature' | 'malformed_claims' | 'unknown_issuer' | 'wrong_issuer' | 'wrong_audience' | 'expired' | 'not_yet_valid' | 'issued_in_future' | 'binding_unsupported' | 'principal_kind' | 'insufficient_scope' | 'keys_unavailable' | 'inactive' | 'introspection_unavailable' | 'introspection_limited' | RevocationDenialReason | BindingDenialReason;

interface Denied {
    readonly allowed: false;
    readonly status: 400 | 401 | 403 | 503;
    readonly challenge: string | undefined;
    readonly reason: DenialReason;
    readonly retryAfter?: number;
    readonly headers?: Readonly<Record<string, string>>;
}

interface Explanation {
    readonly allowed: boolean;
    readonly checks: readonly Check[];
}

interface Guard<Scope extends string = string> {
    <Kind extends PrincipalKind = 'client'>(request: GuardRequest, rule?: Rule<Scope, Kind>): Promise<Verdict<PrincipalOf<Kind>>>;
    explain<Kind extends PrincipalKind = 'client'>(request: GuardRequest, rule?: Rule<Scope, Kind>): Promise<Explanation>;
    ready(): Promise<void>;
}

interface GuardRequest {
    readonly method: string;
    readonly url: string;
    readonly headers: {
        get(name: string): string | null;
    };
    readonly socket?: {
        readonly remoteAddress?: string | undefined;
    } | undefined;
}

type GuardedMiddleware<Caller extends Principal> = (context: KoaContextLike & {
    state: GuardedState<Caller>;
}, next: () => Promise<unknown>) => Promise<void>;

interface GuardedState<Caller extends Principal = Principal> {
    principal: Caller;
    token: VerifiedToken;
}

interface KoaContextLike {
    readonly req: NodeRequest;
    readonly originalUrl?: string;
    readonly headerSent: boolean;
    status: number;
    body: unknown;
    set(name: string, value: string): void;
}

type MetadataMiddleware = (context: KoaContextLike, next: () => Promise<unknown>) => Promise<void>;

interface NodeRequest {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    readonly rawHeaders: readonly string[];
    readonly originalUrl?: string;
    readonly socket?: {
        readonly remoteAddress?: string | undefined;
    } | undefined;
}

type Principal = ClientPrincipal | UserPrincipal;

type PrincipalKind = 'client' | 'user' | 'any';

type PrincipalOf<Kind extends PrincipalKind> = Kind extends 'client' ? ClientPrincipal : Kind extends 'user' ? UserPrincipal : Principal;

interface PublishedMetadata {
    readonly metadata: JsonObject;
    readonly metadataUrl: string;
}

type RevocationDenialReason = 'revoked' | 'suspended' | 'status_unusable' | 'revocation_unavailable';

interface Rights {
    readonly scopes: ReadonlySet<string>;
    readonly roles?: ReadonlySet<string>;
    readonly permissions?: ReadonlySet<string>;
}

interface Rule<Scope extends string = string, Kind extends PrincipalKind = PrincipalKind> {
    readonly scope?: ScopeRule<Scope>;
    readonly principal?: Kind;
    readonly confirmedWithin?: number;
}

type ScopeRule<Scope extends string = string> = {
    readonly all: readonly Scope[];
    readonly any?: never;
} | {
    readonly any: readonly Scope[];
    readonly all?: never;
};

interface UserPrincipal extends Rights {
    readonly kind: 'user';
    readonly subject: string;
    readonly clientId: string;
}

type Verdict<Caller extends Principal = Principal> = Allowed<Caller> | Denied;

interface VerifiedToken {
    readonly issuer: string;
    readonly audience: readonly string[];
    readonly id: string;
    readonly issuedAt: number;
    readonly expiresAt: number;
    readonly claims: JsonObject;
}

function guarded<Scope extends string, const Kind extends PrincipalKind = 'client'>(guard: Guard<Scope>, rule: Rule<NoInfer<Scope>, Kind>): GuardedMiddleware<PrincipalOf<Kind>>;

function serveMetadata(resource: PublishedMetadata): MetadataMiddleware;
