import {
  proxyCertificates,
  readClientCertificate,
  type CertificateReading,
  type ProxyCertificateOptions,
} from '@countersign/verify'
import type { Received } from '../http/connection.ts'

/** Reads the client certificate that a request came with: each request's once. */
export type ClientCertificates = (received: Received) => Promise<CertificateReading>

/**
 * Client certificates from the connection itself, or from a trusted proxy. What is not asked is not read:
 * a header that looks like a certificate means nothing where certificates come by the connection.
 *
 * Source: RFC 8705 sections 2 and 6.5; RFC 9440.
 */
export function clientCertificates(
  from: 'connection' | ProxyCertificateOptions,
): ClientCertificates {
  const read = from === 'connection' ? fromConnection : fromProxy(from)
  const readings = new WeakMap<Received, Promise<CertificateReading>>()
  return (received) => {
    const known = readings.get(received)
    if (known !== undefined) return known
    const reading = read(received)
    readings.set(received, reading)
    return reading
  }
}

async function fromConnection({ connection }: Received): Promise<CertificateReading> {
  const der = connection.peerCertificate()
  if (der === undefined) return { kind: 'none' }
  const verified = connection.peerCertificateAuthorized()
  return readClientCertificate(Uint8Array.from(der), { verified })
}

function fromProxy(options: ProxyCertificateOptions): ClientCertificates {
  const read = proxyCertificates(options)
  return async ({ request, connection }) => {
    const { headers } = request
    const reading = await read({ headers, remoteAddress: connection.remoteAddress })
    // Clients are known by their certificates, and a digest has no names.
    return reading.kind === 'digest' ? { kind: 'refused', reason: 'malformed' } : reading
  }
}
