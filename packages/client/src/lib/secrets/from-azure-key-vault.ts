import { ArgumentError, assertKnownOptions, requiredString } from '@countersign/protocol'
import { askSecretManager, readingTimeout } from './ask-secret-manager.ts'
import { secretReader, type SecretField } from './secret-field.ts'
import type { SecretSource } from './secret-source.ts'

/** The part of `SecretClient` of `@azure/keyvault-secrets` that is used. */
export interface AzureKeyVault {
  getSecret(
    name: string,
    options?: { version?: string },
  ): Promise<{ readonly value?: string | undefined }>
}

/** Where in Azure Key Vault the client secret is. */
export interface AzureKeyVaultOptions {
  /** A `SecretClient` of the official SDK, or anything with its `getSecret`. */
  readonly client: AzureKeyVault
  readonly name: string
  /** Default: the latest version. */
  readonly version?: string
  /** The member that holds the client secret, for secrets that are JSON; or several live ones. */
  readonly field?: SecretField
  /** Milliseconds for one reading, whatever the SDK does meanwhile. Default 10 000. */
  readonly timeout?: number
}

const OPTIONS: readonly (keyof AzureKeyVaultOptions)[] = [
  'client',
  'name',
  'version',
  'field',
  'timeout',
]

/**
 * A client secret out of Azure Key Vault, read at each token request; put {@link cachedSecret}
 * around it. For two live secrets, name each in a source of its own under {@link currentAndNext}.
 *
 * Throws when made: `ArgumentError`. Throws when used: `ERR_CREDENTIAL`.
 *
 * @example
 * const client = new SecretClient('https://shop.vault.azure.net', new DefaultAzureCredential())
 * const source = fromAzureKeyVault({ client, name: 'billing-secret' })
 */
export function fromAzureKeyVault(options: AzureKeyVaultOptions): SecretSource {
  assertKnownOptions('fromAzureKeyVault', options, OPTIONS)
  const { client, field, version }: AzureKeyVaultOptions = options
  if (typeof (client as AzureKeyVault | undefined)?.getSecret !== 'function') {
    const message =
      "fromAzureKeyVault: 'client' must be a SecretClient of @azure/keyvault-secrets, with a 'getSecret'"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'client', message)
  }
  const name = requiredString('fromAzureKeyVault', 'name', options.name)
  const read = secretReader('fromAzureKeyVault', field)
  const what = `Azure secret ${name}`
  const timeout = readingTimeout('fromAzureKeyVault', options.timeout)
  return async () => {
    const { value = '' } = await askSecretManager(what, timeout, () =>
      client.getSecret(name, version === undefined ? {} : { version }),
    )
    return read(value, what)
  }
}
