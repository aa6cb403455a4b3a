import {
  formatBasicCredentials,
  isEncodingNeutral,
  type BasicEncoding,
} from '@countersign/protocol'
import { readSecrets, type SecretSource } from '../secrets/secret-source.ts'
import type { AuthenticatedRequest, ClientAuthentication } from './client-authentication.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'

/** The two ways to present a client secret as it is. Source: RFC 6749 section 2.3.1. */
export type ClientSecretMethod = 'client_secret_basic' | 'client_secret_post'

/** In the order of preference: RFC 6749 has every server accept Basic. */
export const CLIENT_SECRET_METHODS: readonly ClientSecretMethod[] = [
  'client_secret_basic',
  'client_secret_post',
]

/** Where the secret is, and how Basic writes it. */
export interface ClientSecretOptions {
  readonly clientSecret: SecretSource
  readonly basicEncoding: BasicEncoding
}

/**
 * Authentication with a secret, in the `Authorization` header or among the form parameters.
 *
 * After a refusal the source is read again, and any secret it gives that was not refused is tried:
 * a secret may have been replaced a moment ago, or a second one may be live beside it.
 */
export function clientSecret(
  method: ClientSecretMethod,
  { clientSecret: source, basicEncoding }: ClientSecretOptions,
): ClientAuthentication {
  const present = (clientId: string, secret: string): AuthenticatedRequest =>
    method === 'client_secret_basic'
      ? basic(clientId, secret, basicEncoding)
      : {
          headers: {},
          parameters: [
            ['client_id', clientId],
            ['client_secret', secret],
          ],
        }
  return {
    method,
    async authenticate({ clientId }, refused) {
      for (const secret of await readSecrets(source, { reread: refused.length > 0 })) {
        const request = present(clientId, secret)
        if (!refused.some((one) => isSame(one, request))) return request
      }
      return undefined
    },
    fingerprint: async () => credentialFingerprint(await readSecrets(source)),
  }
}

function basic(clientId: string, secret: string, encoding: BasicEncoding): AuthenticatedRequest {
  const credentials = { clientId, clientSecret: secret }
  return {
    headers: { authorization: formatBasicCredentials(credentials, encoding) },
    parameters: [],
    encodingMatters: !isEncodingNeutral(credentials),
  }
}

function isSame(one: AuthenticatedRequest, other: AuthenticatedRequest): boolean {
  return (
    one.headers['authorization'] === other.headers['authorization'] &&
    one.parameters.at(-1)?.[1] === other.parameters.at(-1)?.[1]
  )
}
