/**
 * Client secrets out of secret managers, kept and rotated.
 *
 * @module
 */
export { cachedSecret, type CachedSecretOptions } from './lib/secrets/cached-secret.ts'
export { currentAndNext } from './lib/secrets/current-and-next.ts'
export { fromVault, type VaultOptions } from './lib/secrets/from-vault.ts'
export type {
  VaultAppRoleAuth,
  VaultAuth,
  VaultKubernetesAuth,
  VaultTokenAuth,
} from './lib/secrets/vault-auth.ts'
export {
  fromAwsSecretsManager,
  type AwsSecretsManager,
  type AwsSecretsManagerOptions,
  type AwsSecretValue,
} from './lib/secrets/from-aws-secrets-manager.ts'
export {
  fromGoogleSecretManager,
  type GoogleSecretManager,
  type GoogleSecretManagerOptions,
  type GoogleSecretVersion,
} from './lib/secrets/from-google-secret-manager.ts'
export {
  fromAzureKeyVault,
  type AzureKeyVault,
  type AzureKeyVaultOptions,
} from './lib/secrets/from-azure-key-vault.ts'
export { type SecretField } from './lib/secrets/secret-field.ts'
