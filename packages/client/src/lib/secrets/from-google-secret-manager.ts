import { ArgumentError, assertKnownOptions, requiredString } from '@countersign/protocol'
import { askSecretManager, readingTimeout } from './ask-secret-manager.ts'
import { secretReader, type SecretField } from './secret-field.ts'
import type { SecretSource } from './secret-source.ts'

/** The part of `SecretManagerServiceClient` of `@google-cloud/secret-manager` that is used. */
export interface GoogleSecretManager {
  accessSecretVersion(request: {
    readonly name: string
  }): Promise<readonly [GoogleSecretVersion, ...(readonly unknown[])]>
}

/** The part of its answer that is used: the first of the list it gives. */
export interface GoogleSecretVersion {
  readonly payload?: { readonly data?: Uint8Array | string | null } | null
}

/** Where in Google Secret Manager the client secret is. */
export interface GoogleSecretManagerOptions {
  /** A `SecretManagerServiceClient` of the official SDK, or anything with its `accessSecretVersion`. */
  readonly client: GoogleSecretManager
  /** `projects/…/secrets/…`, with or without `/versions/…`. Default version: `latest`. */
  readonly name: string
  /** The member that holds the client secret, for secrets that are JSON; or several live ones. */
  readonly field?: SecretField
  /** Milliseconds for one reading, whatever the SDK does meanwhile. Default 10 000. */
  readonly timeout?: number
}

const OPTIONS: readonly (keyof GoogleSecretManagerOptions)[] = [
  'client',
  'name',
  'field',
  'timeout',
]
const NAME =
  /^projects\/[^/\s]+(\/locations\/[^/\s]+)?\/secrets\/[^/\s]+(?<version>\/versions\/[^/\s]+)?$/

/**
 * A client secret out of Google Secret Manager, read at each token request; put {@link cachedSecret}
 * around it. For two live versions, name each in a source of its own under {@link currentAndNext}.
 *
 * Throws when made: `ArgumentError`. Throws when used: `ERR_CREDENTIAL`.
 *
 * @example
 * const client = new SecretManagerServiceClient()
 * const source = fromGoogleSecretManager({ client, name: 'projects/shop/secrets/billing' })
 */
export function fromGoogleSecretManager(options: GoogleSecretManagerOptions): SecretSource {
  assertKnownOptions('fromGoogleSecretManager', options, OPTIONS)
  const { client, field }: GoogleSecretManagerOptions = options
  if (typeof (client as GoogleSecretManager | undefined)?.accessSecretVersion !== 'function') {
    const message =
      "fromGoogleSecretManager: 'client' must be a SecretManagerServiceClient of @google-cloud/secret-manager, with an 'accessSecretVersion'"
    throw new ArgumentError('ERR_ARGUMENT_TYPE', 'client', message)
  }
  const given = requiredString('fromGoogleSecretManager', 'name', options.name)
  const match = NAME.exec(given)
  if (match === null) {
    const message =
      "fromGoogleSecretManager: 'name' must be such as projects/shop/secrets/billing/versions/latest"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'name', message)
  }
  const name = match.groups?.['version'] === undefined ? `${given}/versions/latest` : given
  const read = secretReader('fromGoogleSecretManager', field)
  const what = `Google secret ${name}`
  const timeout = readingTimeout('fromGoogleSecretManager', options.timeout)
  return async () => {
    const [version] = await askSecretManager(what, timeout, () =>
      client.accessSecretVersion({ name }),
    )
    const { data } = version.payload ?? {}
    const text = typeof data === 'string' ? data : new TextDecoder().decode(data ?? undefined)
    return read(text, what)
  }
}
