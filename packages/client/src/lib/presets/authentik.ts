import { ArgumentError, assertKnownOptions, optionalString } from '@countersign/protocol'
import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import { clientSecret } from '../client-authentication/client-secret.ts'
import { readSecrets, type SecretSource } from '../secrets/secret-source.ts'
import { secretOrProof, type Preset, type ProofOptions } from './preset.ts'
import { baseAddress } from './provider-address.ts'

/** An authentik, and the service account that the client is. */
export interface AuthentikOptions extends ProofOptions {
  /** `https://sso.example.com` */
  readonly address: string
  /** The service account's name. Default: the one that authentik makes for the provider's secret. */
  readonly username?: string
  /** Its app password, or where that is; in place of `clientSecret`. Needed with `username`. */
  readonly password?: string | SecretSource
}

/**
 * authentik, from 2024.4. A client is a service account there: name and app password go together as
 * one secret, beside the provider's client id. Without them, give the provider's own client secret.
 *
 * A JWT of a trusted source goes in by `clientAuthentication: federatedAssertion(…)`.
 * Throws: `ArgumentError`. Source: authentik documentation, "Machine-to-machine authentication".
 */
export function authentik(options: AuthentikOptions): Preset {
  const known = ['address', 'username', 'password', 'clientAuthentication'] as const
  assertKnownOptions('authentik', options, known)
  const { password, clientAuthentication }: AuthentikOptions = options
  const address = baseAddress('authentik', 'address', options.address)
  const username = optionalString('authentik', 'username', options.username)
  if ((username === undefined) !== (password === undefined)) {
    const option = username === undefined ? 'username' : 'password'
    const message = `authentik: '${option}' is required: a service account has both name and app password`
    throw new ArgumentError('ERR_ARGUMENT_MISSING', option, message)
  }
  if (clientAuthentication !== undefined && username !== undefined) {
    const message =
      "authentik: 'username' cannot stand beside 'clientAuthentication': leave one out"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'username', message)
  }
  return {
    tokenEndpoint: `${address}/application/o/token/`,
    ...secretOrProof(
      'client_secret_post',
      clientAuthentication ?? accountSecret(username, password),
    ),
  }
}

/** Name and app password as one secret, read anew for each exchange. */
function accountSecret(
  username: string | undefined,
  password: string | SecretSource | undefined,
): ClientAuthentication | undefined {
  if (username === undefined || password === undefined) return undefined
  if (username.includes(':')) {
    const message = "authentik: 'username' must have no colon"
    throw new ArgumentError('ERR_ARGUMENT_VALUE', 'username', message)
  }
  const source: SecretSource = typeof password === 'function' ? password : () => password
  return clientSecret('client_secret_post', {
    basicEncoding: 'form',
    clientSecret: async (read) => {
      const passwords = await readSecrets(source, read)
      return passwords.map((one) => base64(`${username}:${one}`))
    },
  })
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text)
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
