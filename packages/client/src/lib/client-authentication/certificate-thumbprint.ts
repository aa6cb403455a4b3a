import { ArgumentError } from '@countersign/protocol'
import { pemBytes } from '../jose/pem.ts'
import { sha256Base64url } from '../jose/sha256.ts'

/** Longest certificate that is looked at, in bytes or characters. */
const MAX_CERTIFICATE = 65_536

/**
 * The bytes of a certificate: DER as it is, or the first certificate of a PEM text, which is the
 * client's own in a chain. Throws `ArgumentError`, naming `certificate` of `caller`.
 */
export function certificateBytes(caller: string, certificate: unknown): Uint8Array<ArrayBuffer> {
  const der = typeof certificate === 'string' ? fromPem(certificate) : certificate
  if (der instanceof Uint8Array && der[0] === 0x30 && der.length <= MAX_CERTIFICATE) {
    return new Uint8Array(der)
  }
  const message = `${caller}: 'certificate' must be a PEM text or DER bytes`
  throw new ArgumentError('ERR_ARGUMENT_VALUE', 'certificate', message)
}

/**
 * The SHA-256 thumbprint of a certificate, base64url: what `x5t#S256` holds.
 *
 * Takes DER, or PEM, of which the first certificate counts: the client's own comes before its chain.
 *
 * Rejects: `ArgumentError` where there is no certificate in it.
 * Source: RFC 7515 section 4.1.8; RFC 8705 section 3.1.
 */
export async function certificateThumbprint(certificate: string | Uint8Array): Promise<string> {
  return sha256Base64url(certificateBytes('certificateThumbprint', certificate))
}

function fromPem(text: string): Uint8Array | undefined {
  return text.length > MAX_CERTIFICATE ? undefined : pemBytes(text, 'CERTIFICATE')
}
