// The public API of @countersign/client/secrets. Written by: npm run check -- --update

export {
  AwsSecretValue,
  AwsSecretsManager,
  AwsSecretsManagerOptions,
  AzureKeyVault,
  AzureKeyVaultOptions,
  CachedSecretOptions,
  GoogleSecretManager,
  GoogleSecretManagerOptions,
  GoogleSecretVersion,
  SecretField,
  VaultAppRoleAuth,
  VaultAuth,
  VaultKubernetesAuth,
  VaultOptions,
  VaultTokenAuth,
  cachedSecret,
  currentAndNext,
  fromAwsSecretsManager,
  fromAzureKeyVault,
  fromGoogleSecretManager,
  fromVault,
}

interface AwsSecretValue {
    readonly SecretString?: string | undefined;
    readonly SecretBinary?: Uint8Array | undefined;
}

interface AwsSecretsManager {
    getSecretValue(input: {
        readonly SecretId: string;
        readonly VersionStage: string;
    }): Promise<AwsSecretValue>;
}

interface AwsSecretsManagerOptions {
    readonly client: AwsSecretsManager;
    readonly secretId: string;
    readonly field?: SecretField;
    readonly stages?: readonly string[];
    readonly timeout?: number;
}

interface AzureKeyVault {
    getSecret(name: string, options?: {
        version?: string;
    }): Promise<{
        readonly value?: string | undefined;
    }>;
}

interface AzureKeyVaultOptions {
    readonly client: AzureKeyVault;
    readonly name: string;
    readonly version?: string;
    readonly field?: SecretField;
    readonly timeout?: number;
}

interface CachedSecretOptions {
    readonly for: number;
    readonly staleFor?: number;
    readonly now?: () => number;
}

type FetchFunction = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

interface GoogleSecretManager {
    accessSecretVersion(request: {
        readonly name: string;
    }): Promise<readonly [GoogleSecretVersion, ...(readonly unknown[])]>;
}

interface GoogleSecretManagerOptions {
    readonly client: GoogleSecretManager;
    readonly name: string;
    readonly field?: SecretField;
    readonly timeout?: number;
}

interface GoogleSecretVersion {
    readonly payload?: {
        readonly data?: Uint8Array | string | null;
    } | null;
}

type SecretAnswer = string | readonly string[];

type SecretField = string | readonly string[];

interface SecretRead {
    readonly reread?: boolean;
}

type SecretSource = (read?: SecretRead) => SecretAnswer | Promise<SecretAnswer>;

interface VaultAppRoleAuth {
    readonly roleId: string;
    readonly secretId: string | SecretSource;
    readonly mount?: string;
}

type VaultAuth = VaultTokenAuth | VaultAppRoleAuth | VaultKubernetesAuth;

interface VaultKubernetesAuth {
    readonly kubernetesRole: string;
    readonly jwtFile?: string;
    readonly mount?: string;
}

interface VaultOptions {
    readonly address: string;
    readonly path: string;
    readonly mount?: string;
    readonly field?: SecretField;
    readonly auth: VaultAuth;
    readonly namespace?: string;
    readonly fetch?: FetchFunction;
    readonly timeout?: number;
    readonly now?: () => number;
}

interface VaultTokenAuth {
    readonly token: string | SecretSource;
}

function cachedSecret(source: SecretSource, options: CachedSecretOptions): SecretSource;

function currentAndNext(current: SecretSource, next: SecretSource): SecretSource;

function fromAwsSecretsManager(options: AwsSecretsManagerOptions): SecretSource;

function fromAzureKeyVault(options: AzureKeyVaultOptions): SecretSource;

function fromGoogleSecretManager(options: GoogleSecretManagerOptions): SecretSource;

function fromVault(options: VaultOptions): SecretSource;
