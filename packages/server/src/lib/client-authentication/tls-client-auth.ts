import {
  hasSubject,
  type CertificateReading,
  type CertificateSubject,
  type ClientCertificate,
} from '@countersign/verify'
import type { CertificateSubjectProof, CredentialRecord } from '../registry/records.ts'
import type { RegisteredClient } from '../registry/snapshot.ts'
import type { RefusalReason } from '../refusal-reasons.ts'
import type { AuthenticationMethod, ProofVerdict } from './authentication-method.ts'
import type { ClientCertificates } from './client-certificates.ts'
import { isLive } from './live-credential.ts'

/**
 * `tls_client_auth` and `self_signed_tls_client_auth`: `client_id` in the body and nothing else, on a
 * connection that the client proved a certificate on.
 *
 * One certificate counts, the client's own, never one of its chain. Its names count where the chain was
 * found good; its thumbprint always does. It must come last of the methods: a certificate beside another
 * proof is no second method, it only binds the token.
 * Source: RFC 8705 sections 2.1 and 2.2.
 */
export function tlsClientAuth(certificates: ClientCertificates): AuthenticationMethod {
  return (received, form, { now }) => {
    const clientId = form.get('client_id')?.[0]
    if (clientId === undefined || received.request.headers.has('authorization')) return undefined
    if (OTHER_PROOFS.some((name) => form.has(name))) return undefined
    return {
      clientId,
      async verify(client) {
        const reading = await certificates(received)
        if (reading.kind !== 'presented') return { ok: false, reason: absenceReason(reading) }
        return match(reading.certificate, client, now)
      },
    }
  }
}

/** Beside these a certificate proves nothing. */
const OTHER_PROOFS = ['client_secret', 'client_assertion', 'client_assertion_type']

/** Why there is no certificate to go by. */
function absenceReason(
  reading: Exclude<CertificateReading, { readonly kind: 'presented' }>,
): RefusalReason {
  if (reading.kind === 'none') return 'credentials_missing'
  return reading.reason === 'untrusted_proxy'
    ? 'certificate_proxy_untrusted'
    : 'certificate_malformed'
}

function match(
  certificate: ClientCertificate,
  client: RegisteredClient | undefined,
  now: number,
): ProofVerdict {
  let ended = false
  let unverified = false
  for (const credential of client?.credentials.values() ?? []) {
    const method = methodOf(certificate, credential)
    if (method === undefined) continue
    if (method === 'tls_client_auth' && !certificate.verified) unverified = true
    else if (isLive(credential, now)) return { ok: true, method, credential }
    else ended = true
  }
  if (ended) return { ok: false, reason: 'credential_ended' }
  if (unverified) return { ok: false, reason: 'certificate_unverified' }
  return { ok: false, reason: client === undefined ? 'client_unknown' : 'certificate_unknown' }
}

function methodOf(
  certificate: ClientCertificate,
  credential: CredentialRecord,
): 'tls_client_auth' | 'self_signed_tls_client_auth' | undefined {
  if (credential.kind === 'certificate') {
    return credential.thumbprint === certificate.thumbprint
      ? 'self_signed_tls_client_auth'
      : undefined
  }
  if (credential.kind !== 'certificate_subject') return undefined
  return hasSubject(certificate, subjectOf(credential)) ? 'tls_client_auth' : undefined
}

function subjectOf({ member, value }: CertificateSubjectProof): CertificateSubject {
  switch (member) {
    case 'subject_dn':
      return { subjectDn: value }
    case 'san_dns':
      return { sanDns: value }
    case 'san_uri':
      return { sanUri: value }
    case 'san_ip':
      return { sanIp: value }
    case 'san_email':
      return { sanEmail: value }
  }
}
