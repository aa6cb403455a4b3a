// The public API of @countersign/client/presets. Written by: npm run check -- --update

import { BasicEncoding } from '@countersign/protocol'
import { Issuer } from '@countersign/protocol'
import { JsonObject } from '@countersign/protocol'

export {
  AdobeImsOptions,
  Auth0Options,
  Auth0Quota,
  AuthentikOptions,
  CamundaOptions,
  CognitoOptions,
  CurityOptions,
  DatabricksAccountOptions,
  DatabricksOptions,
  EntraOptions,
  GoogleOptions,
  GoogleServiceAccountKey,
  HydraOptions,
  KeycloakOptions,
  OktaOptions,
  OktaOrgOptions,
  PaypalOptions,
  PingOneOptions,
  Preset,
  ProofOptions,
  QuotaBucket,
  QuotaSpans,
  SalesforceOptions,
  ServiceNowOptions,
  ShopifyOptions,
  SnowflakeOptions,
  TwitchOptions,
  XsuaaOptions,
  ZitadelOptions,
  ZoomOptions,
  adobeIms,
  auth0,
  authentik,
  camunda,
  cognito,
  curity,
  databricks,
  databricksAccount,
  entra,
  google,
  hydra,
  keycloak,
  okta,
  oktaOrg,
  paypal,
  pingOne,
  salesforce,
  serviceNow,
  shopify,
  snowflake,
  spotify,
  twitch,
  xsuaa,
  zitadel,
  zoom,
}

const ACCOUNT_HOSTS: {
    readonly aws: 'accounts.cloud.databricks.com';
    readonly azure: 'accounts.azuredatabricks.net';
    readonly gcp: 'accounts.gcp.databricks.com';
};

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

interface AdobeImsOptions {
    readonly scope: string | readonly string[];
}

interface AskedToken {
    readonly scope: readonly string[];
    readonly resource: readonly string[];
    readonly audience: string | undefined;
    readonly authorizationDetails: readonly AuthorizationDetail[] | undefined;
    readonly parameters: Readonly<Record<string, string>>;
    readonly partition: string | undefined;
}

interface Auth0Options extends ProofOptions {
    readonly domain: string;
    readonly audience: string;
    readonly organization?: string;
    readonly onQuota?: (quota: Auth0Quota) => void;
}

interface Auth0Quota {
    readonly client?: QuotaSpans;
    readonly organization?: QuotaSpans;
}

interface AuthenticatedRequest {
    readonly headers: Readonly<Record<string, string>>;
    readonly parameters: readonly (readonly [name: string, value: string])[];
    readonly encodingMatters?: boolean;
}

interface AuthentikOptions extends ProofOptions {
    readonly address: string;
    readonly username?: string;
    readonly password?: string | SecretSource;
}

interface AuthorizationDetail {
    readonly type: string;
    readonly [member: string]: unknown;
}

interface AuthorizedFetchOptions {
    readonly origins?: readonly string[];
    readonly fetch?: FetchFunction;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

const CLOUDS: {
    readonly public: 'login.microsoftonline.com';
    readonly 'us-government': 'login.microsoftonline.us';
    readonly china: 'login.partner.microsoftonline.cn';
};

interface CamundaOptions {
    readonly audience: string;
}

interface ClientAuthentication {
    readonly method: string;
    authenticate(context: ClientAuthenticationContext, refused: readonly AuthenticatedRequest[]): Promise<AuthenticatedRequest | undefined>;
    fingerprint(): Promise<string>;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

interface ClientAuthenticationContext {
    readonly clientId: string;
    readonly issuer: string | undefined;
    readonly tokenEndpoint: URL;
    readonly now: () => number;
    readonly signal: AbortSignal | undefined;
}

interface ClientCredentialsOptions extends TokenVariation {
    readonly issuer?: string;
    readonly tokenEndpoint?: string;
    readonly clientId: string;
    readonly clientSecret?: string | SecretSource;
    readonly authMethod?: ClientSecretMethod;
    readonly basicEncoding?: BasicEncoding;
    readonly clientAuthentication?: ClientAuthentication;
    readonly senderConstraint?: SenderConstraint;
    readonly quirks?: TokenEndpointQuirks;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
    readonly defaultLifetime?: number;
    readonly onEvent?: ClientEventListener;
    readonly now?: () => number;
}

interface ClientCredentialsSettings {
    readonly issuer: Issuer | undefined;
    readonly tokenEndpoint: URL | undefined;
    readonly clientId: string;
    readonly clientSecret: SecretSource | undefined;
    readonly authMethod: ClientSecretMethod | undefined;
    readonly basicEncoding: BasicEncoding;
    readonly clientAuthentication: ClientAuthentication | undefined;
    readonly senderConstraint: SenderConstraint | undefined;
    readonly quirks: TokenEndpointQuirks;
    readonly asked: AskedToken;
    readonly grant?: ClientGrant | undefined;
    readonly fetch: FetchFunction;
    readonly timeout: number;
    readonly defaultLifetime: number;
    readonly onEvent: ClientEventListener | undefined;
    readonly now: () => number;
}

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

interface ClientGrant extends Grant {
    complete(options: GrantOptions): ClientCredentialsOptions;
    fingerprint(): Promise<string>;
}

interface ClientOptions extends ClientCredentialsOptions, AuthorizedFetchOptions {
    readonly wrap?: (source: TokenSource) => TokenSource;
    readonly share?: TokenSharing;
    readonly maxTokens?: number;
}

type ClientSecretMethod = 'client_secret_basic' | 'client_secret_post';

interface CognitoOptions {
    readonly domain: string;
    readonly scope?: string | readonly string[];
}

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

interface CurityOptions extends ProofOptions {
    readonly issuer: string;
}

interface DatabricksAccountOptions {
    readonly accountId: string;
    readonly cloud?: keyof typeof ACCOUNT_HOSTS;
    readonly scope?: string | readonly string[];
}

interface DatabricksOptions {
    readonly workspace: string;
    readonly scope?: string | readonly string[];
}

interface EntraOptions extends ProofOptions {
    readonly tenant: string;
    readonly scope: string;
    readonly cloud?: keyof typeof CLOUDS;
}

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface GoogleOptions {
    readonly serviceAccount: GoogleServiceAccountKey;
    readonly scope: string | readonly string[];
    readonly subject?: string;
}

interface GoogleServiceAccountKey {
    readonly client_email: string;
    readonly private_key: string;
    readonly private_key_id?: string;
}

interface Grant {
    readonly type: string;
    readonly credential?: GrantCredential;
}

interface GrantClientOptions extends Omit<ClientOptions, 'clientId'> {
    readonly grant: ClientGrant;
    readonly clientId?: string;
}

interface GrantContext extends ClientAuthenticationContext {
    readonly asked: AskedToken;
}

interface GrantCredential {
    readonly parameter: string;
    prove(context: GrantContext, refused: readonly string[]): Promise<string | undefined>;
}

type GrantOptions = Omit<ClientCredentialsOptions, 'clientId'> & {
    readonly clientId?: string;
};

interface HydraOptions extends ProofOptions {
    readonly address: string;
    readonly authMethod?: ClientSecretMethod;
    readonly audience?: string | readonly string[];
}

interface KeycloakOptions extends ProofOptions {
    readonly address: string;
    readonly realm: string;
}

interface OktaOptions extends ProofOptions {
    readonly domain: string;
    readonly authorizationServer?: string;
    readonly scope: string | readonly string[];
}

interface OktaOrgOptions {
    readonly domain: string;
    readonly scope: string | readonly string[];
    readonly clientAuthentication: ClientAuthentication;
}

interface PaypalOptions {
    readonly sandbox?: boolean;
}

type PeerRole = 'authorization_server' | 'resource';

interface PingOneOptions extends ProofOptions {
    readonly environmentId: string;
    readonly region?: keyof typeof REGIONS;
    readonly scope?: string | readonly string[];
}

type Preset = Readonly<Partial<Pick<ClientCredentialsOptions, 'issuer' | 'tokenEndpoint' | 'authMethod' | 'basicEncoding' | 'clientAuthentication' | 'quirks' | 'scope' | 'audience' | 'parameters'>>>;

interface ProofOptions {
    readonly clientAuthentication?: ClientAuthentication;
}

interface QuotaBucket {
    readonly quota: number;
    readonly remaining: number;
    readonly resetsIn: number;
}

interface QuotaSpans {
    readonly perHour?: QuotaBucket;
    readonly perDay?: QuotaBucket;
}

const REGIONS: {
    readonly 'north-america': 'auth.pingone.com';
    readonly canada: 'auth.pingone.ca';
    readonly europe: 'auth.pingone.eu';
    readonly 'asia-pacific': 'auth.pingone.asia';
    readonly australia: 'auth.pingone.com.au';
    readonly singapore: 'auth.pingone.sg';
};

type RequestCause = 'cold' | 'ahead' | 'expired' | 'refused';

interface SalesforceOptions {
    readonly domain: string;
    readonly onInstance?: (origin: string) => void;
}

type SecretAnswer = string | readonly string[];

interface SecretRead {
    readonly reread?: boolean;
}

type SecretSource = (read?: SecretRead) => SecretAnswer | Promise<SecretAnswer>;

interface SenderConstraint {
    readonly tokenType: 'Bearer' | 'DPoP';
    binding(): Promise<string>;
    headers(request: ConstrainedRequest): Promise<Readonly<Record<string, string>>>;
    learn(answer: ConstrainedAnswer): boolean;
    abandon?(sent: Readonly<Record<string, string>>): void;
    readonly fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

interface ServiceNowOptions {
    readonly instance: string;
}

interface ShopifyOptions {
    readonly shop: string;
}

interface SnowflakeOptions extends ProofOptions {
    readonly issuer: string;
    readonly role: string;
}

type StoreOperation = 'key' | 'get' | 'lease' | 'replace' | 'release';

interface TokenEndpointQuirks {
    readonly grantType?: string;
    readonly scopeSeparator?: ' ' | ',';
    readonly requestFormat?: 'form' | 'json';
    readonly readAnswer?: (answer: JsonObject) => JsonObject;
    readonly readHeaders?: (headers: Headers) => void;
    readonly presentation?: TokenPresentation;
    readonly defaultLifetime?: number;
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

type TokenSharing = (source: TokenSource, about: {
    readonly asked: AskedToken;
    readonly settings: ClientCredentialsSettings;
}) => TokenSource;

type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

interface TokenVariation {
    readonly scope?: string | readonly string[];
    readonly resource?: string | readonly string[];
    readonly audience?: string;
    readonly authorizationDetails?: readonly AuthorizationDetail[];
    readonly parameters?: Readonly<Record<string, string>>;
    readonly partition?: string;
}

interface TwitchOptions {
    readonly clientId: string;
    readonly scope?: string | readonly string[];
}

interface XsuaaOptions extends ProofOptions {
    readonly subdomain: string;
    readonly landscape: string;
}

interface ZitadelOptions {
    readonly address: string;
    readonly projectId?: string;
    readonly scope?: string | readonly string[];
}

interface ZoomOptions {
    readonly accountId: string;
}

function adobeIms(options: AdobeImsOptions): Preset;

function auth0(options: Auth0Options): Preset;

function authentik(options: AuthentikOptions): Preset;

function camunda(options: CamundaOptions): Preset;

function cognito(options: CognitoOptions): Preset;

function curity(options: CurityOptions): Preset;

function databricks(options: DatabricksOptions): Preset;

function databricksAccount(options: DatabricksAccountOptions): Preset;

function entra(options: EntraOptions): Preset;

function google(options: GoogleOptions): Pick<GrantClientOptions, 'tokenEndpoint' | 'grant' | 'scope'>;

function hydra(options: HydraOptions): Preset;

function keycloak(options: KeycloakOptions): Preset;

function okta(options: OktaOptions): Preset;

function oktaOrg(options: OktaOrgOptions): Preset;

function paypal(options?: PaypalOptions): Preset;

function pingOne(options: PingOneOptions): Preset;

function salesforce(options: SalesforceOptions): Preset;

function serviceNow(options: ServiceNowOptions): Preset;

function shopify(options: ShopifyOptions): Preset;

function snowflake(options: SnowflakeOptions): Preset;

function spotify(): Preset;

function twitch(options: TwitchOptions): Preset & {
    readonly clientId: string;
};

function xsuaa(options: XsuaaOptions): Preset;

function zitadel(options: ZitadelOptions): Preset;

function zoom(options: ZoomOptions): Preset;
