import { parsed, unparsed, type Parsed } from '@countersign/protocol'
import { pemBytes } from './pem.ts'
import type { KeyKind } from './signature-algorithm.ts'

/** A private key out of a PEM text. */
export interface Pkcs8Key {
  readonly kind: KeyKind
  readonly der: Uint8Array<ArrayBuffer>
}

/** Longest PEM text that is looked at: an RSA key of 16 384 bits has about 12 600 characters. */
const MAX_PEM = 32_768

/**
 * Reads a PKCS#8 private key in PEM, and tells its kind by its object identifier.
 *
 * Line ends may be missing or be written `\n`, as environment variables bring them. The reason says
 * how to convert the other forms, and holds nothing of the text. Source: RFC 5958; RFC 7468 section 10.
 */
export function parsePkcs8Pem(text: string): Parsed<Pkcs8Key> {
  if (text.length > MAX_PEM) return unparsed('key', 'is too long for a PEM key')
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1]
  if (label === undefined) return unparsed('key', 'is not PEM: it has no BEGIN line')
  if (label !== 'PRIVATE KEY') return unparsed('key', otherForm(label))
  const der = pemBytes(text, 'PRIVATE KEY')
  if (der === undefined) return unparsed('key', 'is PEM that is cut short or damaged')
  const kind = kindOf(der)
  if (kind === undefined) {
    return unparsed(
      'key',
      'is of a kind that is not signed with here: use P-256, P-384, Ed25519 or RSA',
    )
  }
  return parsed({ kind, der })
}

function otherForm(label: string): string {
  if (label === 'ENCRYPTED PRIVATE KEY') {
    return 'is encrypted: decrypt it first, such as with openssl pkcs8 -in key.pem'
  }
  if (label.endsWith('PRIVATE KEY')) {
    return `is a '${label}', not PKCS#8: convert it with openssl pkcs8 -topk8 -nocrypt -in key.pem`
  }
  return `is a '${label}', where a 'PRIVATE KEY' is needed`
}

/** The algorithm identifiers, behind the version number, as hexadecimal DER. */
const IDENTIFIERS: readonly (readonly [start: string, kind: KeyKind])[] = [
  ['06072a8648ce3d020106082a8648ce3d030107', 'P-256'],
  ['06072a8648ce3d020106052b81040022', 'P-384'],
  ['06032b6570', 'Ed25519'],
  ['06092a864886f70d010101', 'RSA'],
]

function kindOf(der: Uint8Array): KeyKind | undefined {
  const start = Array.from(der.subarray(0, 48), (byte) => byte.toString(16).padStart(2, '0'))
  const identifier = /^30(?:[0-7].|81..|82....)02010[01]30..(.*)$/.exec(start.join(''))?.[1]
  return IDENTIFIERS.find(([prefix]) => identifier?.startsWith(prefix))?.[1]
}
