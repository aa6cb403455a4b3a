import type { IncomingRequest } from './incoming-request.ts'

/** What is known of the connection that a request came by. */
export interface Connection {
  /** The address of the other end; `undefined` where it is not known. */
  readonly remoteAddress: string | undefined
  /**
   * The certificate the other end proved to have, as DER; `undefined` where there is none. Read when it
   * is needed only: most requests do not need it.
   */
  readonly peerCertificate: () => Uint8Array | undefined
  /**
   * Whether the TLS layer found that certificate good: in its time, and issued by an authority it was
   * told to trust.
   */
  readonly peerCertificateAuthorized: () => boolean
}

/** A request and the connection it came by. */
export interface Received {
  readonly request: IncomingRequest
  readonly connection: Connection
}

/** Nothing is known: a request that came by no socket, or by one that nobody told us of. */
export const UNKNOWN_CONNECTION: Connection = {
  remoteAddress: undefined,
  peerCertificate: () => undefined,
  peerCertificateAuthorized: () => false,
}
