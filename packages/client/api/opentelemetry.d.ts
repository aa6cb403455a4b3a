// The public API of @countersign/client/opentelemetry. Written by: npm run check -- --update

export {
  MetricsOptions,
  ObservableStatus,
  ObservedOptions,
  RemainingLifeOptions,
  RequestCause,
  TelemetryAttributes,
  TelemetryCallback,
  TelemetryCounter,
  TelemetryHistogram,
  TelemetryInstrumentOptions,
  TelemetryMeter,
  TelemetryObservable,
  TelemetrySpan,
  TelemetryTracer,
  TracedFetchOptions,
  TracedOptions,
  clientMetrics,
  observeStatus,
  observed,
  remainingLife,
  traced,
  tracedFetch,
}

class AccessToken {
    #private;
    readonly type: 'Bearer' | 'DPoP';
    readonly obtainedAt: number;
    readonly expiresAt: number | undefined;
    readonly refreshAt: number | undefined;
    readonly scope: readonly string[];
    readonly senderConstraint: SenderConstraint | undefined;
    readonly presentation: TokenPresentation | undefined;
    constructor(init: AccessTokenInit);
    get value(): string;
}

interface AccessTokenInit {
    readonly value: string;
    readonly type?: 'Bearer' | 'DPoP';
    readonly obtainedAt: number;
    readonly expiresAt?: number | undefined;
    readonly refreshAt?: number | undefined;
    readonly scope?: readonly string[];
    readonly senderConstraint?: SenderConstraint | undefined;
    readonly presentation?: TokenPresentation | undefined;
}

interface AuthorizationDetail {
    readonly type: string;
    readonly [member: string]: unknown;
}

type AuthorizedFetch = (input: string | URL | Request, init?: RequestInit, variation?: TokenVariation) => Promise<Response>;

type ClientEvent = 
{
    readonly type: 'token.obtained';
    readonly expiresAt: number | undefined;
    readonly scope: readonly string[];
    readonly duration: number;
}
 | {
    readonly type: 'token.failed';
    readonly error: Error;
    readonly background: boolean;
}
 | {
    readonly type: 'token.refused';
    readonly origin: string;
}
 | {
    readonly type: 'renewal.paused';
    readonly until: number;
}
 | {
    readonly type: 'token.shared';
    readonly expiresAt: number | undefined;
    readonly waited: number;
}
 | {
    readonly type: 'store.failed';
    readonly operation: StoreOperation;
    readonly error: Error;
}
 | {
    readonly type: 'token.requested';
    readonly cause: RequestCause;
}
 | {
    readonly type: 'budget.exceeded';
    readonly requests: number;
    readonly perHour: number;
    readonly blocked: boolean;
};

type ClientEventListener = (event: ClientEvent) => void;

interface ConstrainedAnswer {
    readonly role: PeerRole;
    readonly url: URL;
    readonly status: number;
    readonly headers: Headers;
    readonly error?: string | undefined;
    readonly sent?: Readonly<Record<string, string>>;
}

interface ConstrainedRequest {
    readonly role: PeerRole;
    readonly method: string;
    readonly url: URL;
    readonly token?: AccessToken;
    readonly signal?: AbortSignal;
}

interface MetricsOptions {
    readonly attributes?: TelemetryAttributes;
}

interface ObservableStatus {
    readonly state: 'empty' | 'good' | 'failing' | 'failed';
    readonly expiresIn: number | undefined;
    readonly tokenRequests: number;
    readonly tokensServed: number;
}

interface ObservedOptions {
    readonly onEvent: ClientEventListener;
}

type PeerRole = 'authorization_server' | 'resource';

interface RemainingLifeOptions extends MetricsOptions {
    readonly every?: number;
    readonly now?: () => number;
}

type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused';

interface SenderConstraint {
    readonly tokenType: 'Bearer' | 'DPoP';
    binding(): Promise<string>;
    headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>;
    learn(answer: ConstrainedAnswer): boolean;
    abandon?(sent: Readonly<Record<string, string>>): void;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

type StoreOperation = 'key' | 'get' | 'lease' | 'replace' | 'release';

type TelemetryAttributes = Readonly<Record<string, string | number | boolean>>;

type TelemetryCallback = (result: {
    observe(value: number, attributes?: TelemetryAttributes): void;
}) => void;

interface TelemetryCounter {
    add(value: number, attributes?: TelemetryAttributes): void;
}

interface TelemetryHistogram {
    record(value: number, attributes?: TelemetryAttributes): void;
}

interface TelemetryInstrumentOptions {
    readonly description?: string;
    readonly unit?: string;
    readonly advice?: {
        explicitBucketBoundaries?: number[];
    };
}

interface TelemetryMeter {
    createCounter(name: string, options?: TelemetryInstrumentOptions): TelemetryCounter;
    createHistogram(name: string, options?: TelemetryInstrumentOptions): TelemetryHistogram;
    createObservableCounter(name: string, options?: TelemetryInstrumentOptions): TelemetryObservable;
    createObservableGauge(name: string, options?: TelemetryInstrumentOptions): TelemetryObservable;
}

interface TelemetryObservable {
    addCallback(callback: TelemetryCallback): void;
    removeCallback(callback: TelemetryCallback): void;
}

interface TelemetrySpan {
    setAttributes(attributes: TelemetryAttributes): unknown;
    setStatus(status: {
        readonly code: number;
    }): unknown;
    end(): void;
}

interface TelemetryTracer {
    startActiveSpan<T>(name: string, options: {
        readonly kind?: number;
        readonly root?: boolean;
        readonly attributes?: TelemetryAttributes;
    }, run: (span: TelemetrySpan) => T): T;
}

interface TokenPresentation {
    readonly header: string;
    readonly scheme: string | null;
    readonly headers?: Readonly<Record<string, string>>;
}

interface TokenRequest extends TokenVariation {
    readonly signal?: AbortSignal;
    readonly rejected?: AccessToken;
    readonly background?: boolean;
}

type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

interface TokenVariation {
    readonly scope?: string | readonly string[];
    readonly resource?: string | readonly string[];
    readonly audience?: string;
    readonly authorizationDetails?: readonly AuthorizationDetail[];
    readonly parameters?: Readonly<Record<string, string>>;
    readonly partition?: string;
}

interface TracedFetchOptions {
    readonly tracer: TelemetryTracer;
    readonly name?: string;
}

interface TracedOptions {
    readonly tracer: TelemetryTracer;
    readonly name?: string;
    readonly server?: string;
    readonly clientId?: string;
    readonly grantType?: string;
    readonly now?: () => number;
}

function clientMetrics(meter: TelemetryMeter, options?: MetricsOptions): ClientEventListener;

function observeStatus(meter: TelemetryMeter, status: () => ObservableStatus, options?: MetricsOptions): () => void;

function observed(source: TokenSource, options: ObservedOptions): TokenSource;

function remainingLife(source: TokenSource, meter: TelemetryMeter, options?: RemainingLifeOptions): TokenSource;

function traced(source: TokenSource, options: TracedOptions): TokenSource;

function tracedFetch(fetch: AuthorizedFetch, options: TracedFetchOptions): AuthorizedFetch;
