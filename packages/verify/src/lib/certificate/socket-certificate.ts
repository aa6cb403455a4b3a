import { readClientCertificate, type CertificateReading } from './client-certificate.ts'

/** The little of a TLS socket that is used here. */
interface TlsPeer {
  readonly authorized?: unknown
  getPeerCertificate?(): { readonly raw?: unknown } | null | undefined
}

/**
 * The certificate of the client at the other end of a TLS connection of our own, such as
 * `request.socket` of node:https. A connection without TLS has none.
 *
 * The server must ask for it (`requestCert`). With `rejectUnauthorized: false` self-signed ones come
 * too, and are not `verified`.
 * Source: RFC 8705 sections 2 and 3.
 */
export async function certificateFromSocket(socket: object): Promise<CertificateReading> {
  const peer: TlsPeer = socket
  if (typeof peer.getPeerCertificate !== 'function') return { kind: 'none' }
  // Empty where the client has presented none, null where the connection is gone.
  const raw = peer.getPeerCertificate()?.raw
  if (!(raw instanceof Uint8Array)) return { kind: 'none' }
  return readClientCertificate(Uint8Array.from(raw), { verified: peer.authorized === true })
}
