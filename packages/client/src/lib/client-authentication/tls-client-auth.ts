import { ArgumentError, assertKnownOptions, optionalString } from '@countersign/protocol'
import type { FetchFunction } from '../http/fetch-function.ts'
import type { AuthenticatedRequest, ClientAuthentication } from './client-authentication.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'

/** The connection that proves who the client is. */
export interface TlsClientAuthOptions {
  /** A `fetch` whose connections present the client's certificate. */
  readonly fetch: FetchFunction
  /**
   * The certificate's `x5t#S256`. Needed where tokens are shared between processes: without it, each
   * process takes its certificate for one of its own.
   */
  readonly thumbprint?: string
}

/**
 * Authentication by a certificate that the server knows by its subject, in the TLS handshake.
 *
 * The certificate is `fetch`'s affair; here the request only names the client. Where the server's
 * metadata has an address of its own for such connections, that is used.
 *
 * Throws when made: `ArgumentError`. Source: RFC 8705 sections 2.1 and 5.
 *
 * @example
 * // The platform's fetch takes no certificate; undici's takes an agent that holds it.
 * import { Agent, fetch } from 'undici'
 * const dispatcher = new Agent({ connect: { cert, key, ca } })
 * clientAuthentication: tlsClientAuth({ fetch: (input, init) => fetch(input, { ...init, dispatcher }) })
 */
export function tlsClientAuth(options: TlsClientAuthOptions): ClientAuthentication {
  return mutualTls('tlsClientAuth', 'tls_client_auth', options)
}

/**
 * Authentication by a self-signed certificate that was registered with the server itself; otherwise
 * as {@link tlsClientAuth}.
 *
 * Throws when made: `ArgumentError`. Source: RFC 8705 section 2.2.
 */
export function selfSignedTlsClientAuth(options: TlsClientAuthOptions): ClientAuthentication {
  return mutualTls('selfSignedTlsClientAuth', 'self_signed_tls_client_auth', options)
}

function mutualTls(
  caller: string,
  method: string,
  options: TlsClientAuthOptions,
): ClientAuthentication {
  assertKnownOptions(caller, options, ['fetch', 'thumbprint'])
  const { fetch, thumbprint }: TlsClientAuthOptions = options
  if (typeof fetch !== 'function') {
    const code = fetch === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE'
    const message = `${caller}: 'fetch' must be a function whose connections hold the certificate`
    throw new ArgumentError(code, 'fetch', message)
  }
  let name = optionalString(caller, 'thumbprint', thumbprint)
  return {
    method,
    fetch,
    async authenticate({ clientId }, refused) {
      // The connection is the credential: the same one would be refused again.
      if (refused.length > 0) return undefined
      const request: AuthenticatedRequest = { headers: {}, parameters: [['client_id', clientId]] }
      return request
    },
    // Made here and not above: some platforms have no random numbers while a module is loaded.
    fingerprint: () => credentialFingerprint([method, (name ??= crypto.randomUUID())]),
  }
}
