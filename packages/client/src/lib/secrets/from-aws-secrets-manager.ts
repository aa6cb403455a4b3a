import { ArgumentError, assertKnownOptions, requiredString } from '@countersign/protocol'
import { askSecretManager, readingTimeout } from './ask-secret-manager.ts'
import { liveSecrets } from './current-and-next.ts'
import { secretReader, type SecretField } from './secret-field.ts'
import type { SecretSource } from './secret-source.ts'

/** The part of `SecretsManager` of `@aws-sdk/client-secrets-manager` that is used. */
export interface AwsSecretsManager {
  getSecretValue(input: {
    readonly SecretId: string
    readonly VersionStage: string
  }): Promise<AwsSecretValue>
}

/** The part of its answer that is used. */
export interface AwsSecretValue {
  readonly SecretString?: string | undefined
  readonly SecretBinary?: Uint8Array | undefined
}

/** Where in AWS Secrets Manager the client secret is. */
export interface AwsSecretsManagerOptions {
  /** A `SecretsManager` of the official SDK, or anything with its `getSecretValue`. */
  readonly client: AwsSecretsManager
  /** The secret's name or ARN. */
  readonly secretId: string
  /** The member that holds the client secret, for secrets that are JSON; or several live ones. */
  readonly field?: SecretField
  /**
   * The staging labels to read, the one to prefer first. Default `['AWSCURRENT']`. With
   * `['AWSCURRENT', 'AWSPENDING']` a rotation under way fails no call.
   */
  readonly stages?: readonly string[]
  /** Milliseconds for one reading, whatever the SDK does meanwhile. Default 10 000. */
  readonly timeout?: number
}

const OPTIONS: readonly (keyof AwsSecretsManagerOptions)[] = [
  'client',
  'secretId',
  'field',
  'stages',
  'timeout',
]

/**
 * A client secret out of AWS Secrets Manager, read at each token request; put {@link cachedSecret}
 * around it. A label that no version carries is left out, as long as another gives a secret.
 *
 * Throws when made: `ArgumentError`. Throws when used: `ERR_CREDENTIAL`.
 *
 * @example
 * const client = new SecretsManager({})
 * const secret = cachedSecret(fromAwsSecretsManager({ client, secretId: 'billing' }), { for: 300_000 })
 */
export function fromAwsSecretsManager(options: AwsSecretsManagerOptions): SecretSource {
  assertKnownOptions('fromAwsSecretsManager', options, OPTIONS)
  const { client, field, stages = ['AWSCURRENT'] }: AwsSecretsManagerOptions = options
  if (typeof (client as AwsSecretsManager | undefined)?.getSecretValue !== 'function') {
    const message =
      "fromAwsSecretsManager: 'client' must be a SecretsManager of @aws-sdk/client-secrets-manager, with a 'getSecretValue'"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'client', message)
  }
  const secretId = requiredString('fromAwsSecretsManager', 'secretId', options.secretId)
  const read = secretReader('fromAwsSecretsManager', field)
  const timeout = readingTimeout('fromAwsSecretsManager', options.timeout)
  if (
    !Array.isArray(stages) ||
    stages.length === 0 ||
    !stages.every((stage) => typeof stage === 'string' && stage !== '')
  ) {
    const message = "fromAwsSecretsManager: 'stages' must be a list of staging labels"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'stages', message)
  }
  const sources = (stages as readonly string[]).map((stage): SecretSource => {
    const what = `AWS secret ${secretId} (${stage})`
    return async () => {
      const value = await askSecretManager(what, timeout, () =>
        client.getSecretValue({ SecretId: secretId, VersionStage: stage }),
      )
      const text = value.SecretString ?? new TextDecoder().decode(value.SecretBinary)
      return read(text, what)
    }
  })
  return (reading) => liveSecrets(sources, reading)
}
