import { parseCertificate, type Certificate } from '@countersign/protocol'
import { sha256Base64url } from '../digest/sha256.ts'

/** A certificate that a client has presented, and proven to have the key of. */
export interface ClientCertificate extends Certificate {
  /** The SHA-256 thumbprint, base64url: what `x5t#S256` holds. Source: RFC 8705 section 3.1. */
  readonly thumbprint: string
  /**
   * Whether whoever ended the TLS connection found the chain good, up to an authority it trusts, and
   * the certificate in its time. Without that the names in it are the client's own word; its
   * thumbprint is not.
   */
  readonly verified: boolean
}

/** What a request's client certificate is. */
export type CertificateReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'presented'; readonly certificate: ClientCertificate }
  | {
      readonly kind: 'refused'
      /**
       * `untrusted_proxy`: the header came from somebody who may not send it. `several`: there is more
       * than one. `malformed`: it holds no certificate in the form that was agreed on.
       */
      readonly reason: 'untrusted_proxy' | 'several' | 'malformed'
    }

/** A certificate given as DER. Source: RFC 5280 section 4.1; RFC 8705 section 3.1. */
export async function readClientCertificate(
  der: Uint8Array<ArrayBuffer>,
  { verified }: { readonly verified: boolean },
): Promise<CertificateReading> {
  const certificate = parseCertificate(der)
  if (!certificate.ok) return { kind: 'refused', reason: 'malformed' }
  const thumbprint = await sha256Base64url(der)
  return { kind: 'presented', certificate: { ...certificate.value, thumbprint, verified } }
}
