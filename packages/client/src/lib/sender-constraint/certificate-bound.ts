import { ArgumentError, assertKnownOptions, optionalFunction } from '@countersign/protocol'
import type { FetchFunction } from '../http/fetch-function.ts'
import { declaredThumbprint, type DeclaredThumbprint } from './declared-thumbprint.ts'
import type { SenderConstraint } from './sender-constraint.ts'

/** The connection that tokens are bound to. */
export interface CertificateBoundOptions {
  /**
   * A `fetch` that presents the client's certificate, at the token endpoint and at the APIs. Where
   * the client authenticates by mutual TLS as well, give that the same one.
   */
  readonly fetch: FetchFunction
  /**
   * The SHA-256 thumbprint of the certificate, base64url, as {@link certificateThumbprint} gives it;
   * a function for a certificate that is replaced while the process runs.
   */
  readonly thumbprint: DeclaredThumbprint
}

const CERTIFICATE_BOUND_OPTIONS: readonly (keyof CertificateBoundOptions)[] = [
  'fetch',
  'thumbprint',
]

/**
 * Binds tokens to the client's TLS certificate: the server puts its thumbprint into them, and the
 * API compares it with the certificate of the connection.
 *
 * The tokens are of type Bearer, and go by this `fetch` only. After a certificate has been replaced,
 * a held token is refused once and renewed on the new connection.
 *
 * Throws: `ArgumentError`. Source: RFC 8705 section 3.
 */
export function certificateBound(options: CertificateBoundOptions): SenderConstraint {
  assertKnownOptions('certificateBound', options, CERTIFICATE_BOUND_OPTIONS)
  const { fetch, thumbprint }: CertificateBoundOptions = options
  if (fetch === undefined) {
    const message = "certificateBound: 'fetch' is required: one that presents the certificate"
    throw new ArgumentError('ERR_ARGUMENT_MISSING', 'fetch', message)
  }
  const connection = optionalFunction('certificateBound', 'fetch', fetch, fetch)
  const current = declaredThumbprint('certificateBound', 'thumbprint', thumbprint)
  return {
    tokenType: 'Bearer',
    binding: async () => certificateBinding(await current()),
    headers: async () => ({}),
    learn: () => false,
    fetch: connection,
  }
}

/** How a binding to the certificate of this thumbprint is named. */
export function certificateBinding(thumbprint: string): string {
  return `x5t#S256:${thumbprint}`
}
