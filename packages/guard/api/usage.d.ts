// The public API of @countersign/guard/usage. Written by: npm run check -- --update

import { DocumentEvent } from '@countersign/verify'
import { DpopFault } from '@countersign/verify'
import { LoadFault } from '@countersign/verify'
import { SealFault } from '@countersign/protocol'

export {
  ReportFault,
  ScopeUsage,
  ScopeUsageEvent,
  ScopeUsageOptions,
  scopeUsage,
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

type BindingDenialReason = 'binding_required' | 'dpop_required' | 'dpop_not_bound' | `dpop_${DpopFault}` | 'dpop_replayed' | 'replay_unavailable' | 'replay_full' | 'certificate_missing' | 'certificate_mismatch' | 'certificate_untrusted_proxy' | 'certificate_several' | 'certificate_malformed';

type DenialReason = 'no_credentials' | 'malformed_credentials' | 'malformed_token' | 'algorithm_not_allowed' | 'wrong_type' | 'unknown_key' | 'bad_signature' | 'malformed_claims' | 'unknown_issuer' | 'wrong_issuer' | 'wrong_audience' | 'expired' | 'not_yet_valid' | 'issued_in_future' | 'binding_unsupported' | 'principal_kind' | 'insufficient_scope' | 'keys_unavailable' | 'inactive' | 'introspection_unavailable' | 'introspection_limited' | RevocationDenialReason | BindingDenialReason;

type GuardEvent = AllowedEvent | {
    readonly type: 'denied' | 'would_deny';
    readonly reason: DenialReason;
    readonly status: 400 | 401 | 403 | 503;
    readonly issuer: string | undefined;
    readonly clientId: string | undefined;
}
 | {
    readonly type: 'query_token';
}
 | {
    readonly type: 'replay_unchecked';
    readonly issuer: string;
    readonly clientId: string;
}
 | {
    readonly type: 'rebuilt';
    readonly guards: number;
} | (IssuerEvent & {
    readonly issuer: string;
});

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

type ReportFault = 
'no_endpoint'
 | 'authorize' | 'network' | 'timeout'
 | 'unauthorized'
 | 'refused'
 | 'status';

type RevocationDenialReason = 'revoked' | 'suspended' | 'status_unusable' | 'revocation_unavailable';

type RevocationFault = LoadFault
 | 'keys'
 | 'signature'
 | 'expired'
 | 'no_feed'
 | 'hook';

type RevocationSourceKind = 'marks' | 'feed' | 'status_list' | 'hook';

interface ScopeUsage extends AsyncDisposable {
    record(event: GuardEvent): void;
    flush(): Promise<boolean>;
    close(): Promise<void>;
    readonly waiting: number;
}

type ScopeUsageEvent = {
    readonly type: 'usage_reported'; 
    readonly entries: number;
} | {
    readonly type: 'usage_failed';
    readonly fault: ReportFault;
    readonly failures: number;
    readonly retryAt: number;
    readonly waiting: number;
}
 | {
    readonly type: 'usage_dropped'; 
    readonly calls: number;
};

interface ScopeUsageOptions {
    readonly issuer: string;
    readonly resource: string;
    readonly endpoint?: string;
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly authorize?: () => string | Promise<string>;
    readonly interval?: number;
    readonly maxEntries?: number;
    readonly timeout?: number;
    readonly waitUntil?: (work: Promise<unknown>) => void;
    readonly fetch?: typeof globalThis.fetch;
    readonly now?: () => number;
    readonly onEvent?: (event: ScopeUsageEvent) => void;
}

type SharingFault = StoreFault | SealFault
 | 'clock';

type StoreFault = 
'store' | 'timeout';

function scopeUsage(options: ScopeUsageOptions): ScopeUsage;
