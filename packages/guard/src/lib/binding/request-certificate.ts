import { ArgumentError } from '@countersign/protocol'
import {
  certificateFromSocket,
  proxyCertificates,
  type ProxiedCertificateReading,
  type ProxiedRequest,
  type ProxyCertificateOptions,
} from '@countersign/verify'
import type { GuardRequest } from '../guard/guard-request.ts'
import { optionsOf } from '../guard/options-of.ts'

/** Where the certificate of a client comes from: the TLS connection itself, or a proxy's header. */
export type CertificateOrigin = 'connection' | ProxyCertificateOptions

/** Reads the client certificate of a request. */
export interface CertificateReader {
  read(request: GuardRequest): Promise<ProxiedCertificateReading>
  /** Whether the request has a certificate's header that its sender may not send. */
  isForeign(request: GuardRequest): boolean
}

/**
 * Throws: `ArgumentError`, naming the option, such as `certificates.format`.
 *
 * A header that looks like a certificate means nothing where certificates come by the connection.
 */
export function readCertificates(
  origin: CertificateOrigin | undefined,
): CertificateReader | undefined {
  if (origin === undefined) return undefined
  if (origin === 'connection') {
    return {
      read: async ({ socket }) => (socket ? certificateFromSocket(socket) : { kind: 'none' }),
      isForeign: () => false,
    }
  }
  if (typeof origin !== 'object' || origin === null) {
    throw new ArgumentError(
      'ERR_ARGUMENT_VALUE',
      'certificates',
      "createGuard: 'certificates' must be 'connection' or say how a proxy sends them",
    )
  }
  const read = optionsOf('certificates', () => proxyCertificates(origin))
  const proxied = ({ headers, socket }: GuardRequest): ProxiedRequest => ({
    headers,
    remoteAddress: socket?.remoteAddress,
  })
  return {
    read: (request) => read(proxied(request)),
    isForeign: (request) => read.isForeign(proxied(request)),
  }
}
