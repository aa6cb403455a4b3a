import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalString,
  parseSecureUrl,
} from '@countersign/protocol'
import { CredentialError } from '../errors/token-error.ts'
import { platformFetch, type FetchFunction } from '../http/fetch-function.ts'
import { secretFieldNames, secretFields, type SecretField } from './secret-field.ts'
import type { SecretSource } from './secret-source.ts'
import { vaultCredential, vaultPath, type VaultAuth } from './vault-auth.ts'
import { vaultExchange, vaultMember, type VaultConnection } from './vault-exchange.ts'
import { vaultToken } from './vault-token.ts'

/** Where in a HashiCorp Vault (or OpenBao) the client secret is, and who asks for it. */
export interface VaultOptions {
  /** Such as `https://vault.example.com:8200`. Plain http is for loopback addresses only. */
  readonly address: string
  /** The secret's path below the mount, such as `team/billing`. */
  readonly path: string
  /** Where the KV version 2 engine is mounted. Default `secret`. */
  readonly mount?: string
  /** The member that holds the client secret; or several live ones. Default `client_secret`. */
  readonly field?: SecretField
  readonly auth: VaultAuth
  /** The namespace of Vault Enterprise or HCP. Default: none. */
  readonly namespace?: string
  /** Default: the platform's. */
  readonly fetch?: FetchFunction
  /** Milliseconds for one exchange with the Vault. Default 10 000. */
  readonly timeout?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

const VAULT_OPTIONS: readonly (keyof VaultOptions)[] = [
  'address',
  'path',
  'mount',
  'field',
  'auth',
  'namespace',
  'fetch',
  'timeout',
  'now',
]

/**
 * A client secret out of HashiCorp Vault's KV version 2 engine, read at each token request; put
 * {@link cachedSecret} around it.
 *
 * The Vault token is kept, renewed at half of its life, and replaced by another login when it has
 * ended or is refused. Redirects are not followed: give the address of the active node or of a load
 * balancer.
 *
 * Throws when made: `ArgumentError`. Throws when used: `ERR_CREDENTIAL`, `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_RESPONSE_REDIRECT`, `ERR_RESPONSE_TOO_LARGE`.
 * Source: Vault HTTP API, "KV secrets engine version 2".
 *
 * @example
 * fromVault({
 *   address: 'https://vault.example.com:8200',
 *   path: 'team/billing',
 *   auth: { kubernetesRole: 'billing' },
 * })
 */
export function fromVault(options: VaultOptions): SecretSource {
  assertKnownOptions('fromVault', options, VAULT_OPTIONS)
  const { field = 'client_secret', mount = 'secret', path }: VaultOptions = options
  const connection = connectionOf(options)
  const data = `${vaultPath('fromVault', 'mount', mount)}/data/${vaultPath('fromVault', 'path', path)}`
  const names = secretFieldNames('fromVault', field)
  const token = vaultToken(connection, vaultCredential('fromVault', options.auth))
  const what = `Vault secret ${mount}/${path}`

  return async () => {
    for (let attempt = 1; ; attempt++) {
      const sent = await token.current()
      const answer = await vaultExchange(connection, {
        purpose: `a read of ${mount}/${path}`,
        path: data,
        token: sent,
      })
      if (answer.ok) return secretFields(currentVersion(answer.json), names, what)
      if (answer.status === 403) token.refused(sent)
      // Vault says 403 to a token that has ended, and to one that may not read: another login tells.
      if (answer.status !== 403 || attempt === 2) throw refused(what, answer.status)
    }
  }
}

function connectionOf(options: VaultOptions): VaultConnection {
  const address = parseSecureUrl('address', options.address)
  if (!address.ok) {
    const code = options.address === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_VALUE'
    throw new ArgumentError(code, 'address', `fromVault: 'address' ${address.reason}`)
  }
  if (address.value.search !== '' || address.value.hash !== '') {
    const message = "fromVault: 'address' must have no query and no fragment"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'address', message)
  }
  const namespace = optionalString('fromVault', 'namespace', options.namespace)
  if (namespace !== undefined && !/^[\x21-\x7e]+$/.test(namespace)) {
    const message = "fromVault: 'namespace' must be printable ASCII without blanks"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'namespace', message)
  }
  const timeouts = { fallback: 10_000, min: 1, max: 600_000 }
  return {
    address: address.value,
    namespace,
    fetch: optionalFunction('fromVault', 'fetch', options.fetch, platformFetch),
    timeout: optionalNumber('fromVault', 'timeout', options.timeout, timeouts),
    now: optionalFunction('fromVault', 'now', options.now, Date.now),
  }
}

/** The members of the version that was read. A deleted one has `data: null`. */
function currentVersion(json: Parameters<typeof vaultMember>[0]): unknown {
  const data = vaultMember(json, 'data')
  return data === undefined ? undefined : data['data']
}

function refused(what: string, status: number): CredentialError {
  return new CredentialError('ERR_CREDENTIAL', `${what} could not be read: ${status}`, {
    phase: 'credential',
    status,
    hint: status === 404 ? NOT_FOUND : 'Its policy must allow to read <mount>/data/<path>',
  })
}

const NOT_FOUND =
  'There is no such secret, or its latest version is deleted, or the engine is not KV version 2'
