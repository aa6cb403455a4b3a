import { ArgumentError, parseDistinguishedName, requiredString } from '@countersign/protocol'
import type { CertificateSubjectProof } from '../registry/records.ts'

type Member = CertificateSubjectProof['member']

/** What a name of each kind must be, and how it is told. */
const NAMES: Readonly<Record<Member, readonly [what: string, isOne: (text: string) => boolean]>> = {
  subject_dn: ['a distinguished name, such as CN=billing,O=Example', isDistinguishedName],
  san_dns: [
    'a DNS name without blanks and wildcards, such as billing.example.com; of other alphabets in its xn-- form',
    isDnsName,
  ],
  san_uri: [
    'an absolute URI without blanks, such as spiffe://example.org/billing',
    (text) => /^[a-z][a-z\d+.-]*:[!-~]+$/i.test(text),
  ],
  san_email: ['an e-mail address without blanks', (text) => /^[!-?A-~]+@[!-?A-~]+$/.test(text)],
  // Its import loads what only servers that listen need.
  san_ip: ['an IP address', (text) => process.getBuiltinModule('node:net').isIP(text) !== 0],
}

/**
 * The name by which the certificates of a client are known, checked: one that no certificate can have would
 * be a credential that never works.
 *
 * Throws: `ArgumentError`, which quotes nothing of what was given.
 * Source: RFC 8705 section 2.1.2, RFC 5280 section 4.2.1.6.
 */
export function certificateSubjectProof(
  caller: string,
  { member, value }: { readonly member: unknown; readonly value: unknown },
): CertificateSubjectProof {
  if (!isMember(member)) {
    throw invalid(caller, 'member', `one of ${Object.keys(NAMES).join(', ')}`)
  }
  const text = requiredString(caller, 'value', value)
  const [what, isOne] = NAMES[member]
  if (!isOne(text)) throw invalid(caller, 'value', what)
  return { kind: 'certificate_subject', member, value: text }
}

function isMember(member: unknown): member is Member {
  return typeof member === 'string' && Object.hasOwn(NAMES, member)
}

function isDistinguishedName(text: string): boolean {
  const name = parseDistinguishedName(text)
  return name.ok && name.value.length > 0
}

/** Letters, digits and hyphens inside; not all digits at the end, as an address has it. Source: RFC 1123 section 2.1. */
function isDnsName(text: string): boolean {
  const labels = text.split('.')
  return (
    text.length <= 253 &&
    labels.every((label) => /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  )
}

function invalid(caller: string, name: string, what: string): ArgumentError {
  return new ArgumentError('ERR_ARGUMENT_VALUE', name, `${caller}: '${name}' must be ${what}`)
}
