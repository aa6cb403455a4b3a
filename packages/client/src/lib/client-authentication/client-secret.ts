import {
  formatBasicCredentials,
  isEncodingNeutral,
  type BasicEncoding,
} from '@countersign/protocol'
import { readSecret, type SecretSource } from '../secrets/secret-source.ts'
import type { ClientAuthentication } from './client-authentication.ts'

/** The two ways to present a client secret. Source: RFC 6749 section 2.3.1. */
export type ClientSecretMethod = 'client_secret_basic' | 'client_secret_post'

/** In the order of preference: RFC 6749 has every server accept Basic. */
export const CLIENT_SECRET_METHODS: readonly ClientSecretMethod[] = [
  'client_secret_basic',
  'client_secret_post',
]

/** The client identifier, where its secret is, and how Basic writes the two. */
export interface ClientSecretOptions {
  readonly clientId: string
  readonly clientSecret: SecretSource
  readonly basicEncoding: BasicEncoding
}

/** Authentication with the secret in the `Authorization` header. */
export function clientSecretBasic(options: ClientSecretOptions): ClientAuthentication {
  const { clientId, clientSecret, basicEncoding } = options
  return async () => {
    const credentials = { clientId, clientSecret: await readSecret(clientSecret) }
    return {
      headers: { authorization: formatBasicCredentials(credentials, basicEncoding) },
      parameters: [],
      encodingMatters: !isEncodingNeutral(credentials),
    }
  }
}

/** Authentication with the secret among the form parameters. */
export function clientSecretPost(options: ClientSecretOptions): ClientAuthentication {
  const { clientId, clientSecret } = options
  return async () => ({
    headers: {},
    parameters: [
      ['client_id', clientId],
      ['client_secret', await readSecret(clientSecret)],
    ],
    encodingMatters: false,
  })
}
