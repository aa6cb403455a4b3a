import {
  certificateBytes,
  certificateThumbprint as thumbprintOfBytes,
} from '../client-authentication/certificate-thumbprint.ts'

/**
 * The SHA-256 thumbprint of a certificate, base64url: what `x5t#S256` holds.
 *
 * Takes DER, or PEM, of which the first certificate counts: the client's own comes before its chain.
 *
 * Rejects: `ArgumentError` where there is no certificate in it. Source: RFC 8705 section 3.1.
 */
export async function certificateThumbprint(certificate: string | Uint8Array): Promise<string> {
  return thumbprintOfBytes(certificateBytes('certificateThumbprint', certificate))
}
