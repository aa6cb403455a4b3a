import { isSameDistinguishedName, parseIpAddress, type Certificate } from '@countersign/protocol'

/** How a client's certificate is named when the client is registered: by one of its names. */
export type CertificateSubject =
  | { readonly subjectDn: string }
  | { readonly sanDns: string }
  | { readonly sanUri: string }
  | { readonly sanIp: string }
  | { readonly sanEmail: string }

/**
 * Whether a certificate has the name that was registered. Whoever asks must know that the certificate
 * is `verified`: anybody can write a name into one of their own.
 *
 * DNS names are compared without case, and a wildcard is no name; addresses by their bytes; all else
 * letter by letter.
 * Source: RFC 8705 section 2.1.2.
 */
export function hasSubject(certificate: Certificate, subject: CertificateSubject): boolean {
  if ('subjectDn' in subject)
    return isSameDistinguishedName(certificate.subjectDn, subject.subjectDn)
  if ('sanUri' in subject) return certificate.sanUri.includes(subject.sanUri)
  if ('sanEmail' in subject) return certificate.sanEmail.includes(subject.sanEmail)
  if ('sanDns' in subject) {
    const name = subject.sanDns.toLowerCase()
    return !name.includes('*') && certificate.sanDns.some((one) => one.toLowerCase() === name)
  }
  const address = String(parseIpAddress(subject.sanIp) ?? '')
  return address !== '' && certificate.sanIp.some((one) => String(parseIpAddress(one)) === address)
}
