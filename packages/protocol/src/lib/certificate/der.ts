/** One element of DER: its identifier octet and where its content is. */
export interface DerElement {
  readonly tag: number
  readonly content: Uint8Array<ArrayBuffer>
  /** The element whole, header and content. */
  readonly whole: Uint8Array<ArrayBuffer>
}

/** Tags that a certificate is read by. Source: X.690 section 8.1.2. */
export const DER = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const

/** Most elements that are read out of one. */
const MAX_ELEMENTS = 1000

/**
 * The elements that bytes consist of, one after the other and nothing between or behind; `undefined`
 * where that is not so.
 *
 * Strict: one-octet tags and lengths in their shortest form, since there is one DER for one value.
 * Source: X.690 sections 8.1.2, 8.1.3 and 10.1.
 */
export function readDer(bytes: Uint8Array<ArrayBuffer>): readonly DerElement[] | undefined {
  const elements: DerElement[] = []
  let start = 0
  while (start < bytes.length) {
    const element = elementAt(bytes, start)
    if (element === undefined || elements.length === MAX_ELEMENTS) return undefined
    elements.push(element)
    start += element.whole.length
  }
  return elements
}

/** The elements inside of `element`; `undefined` where it has another tag or is malformed. */
export function readInside(
  element: DerElement | undefined,
  tag: number,
): readonly DerElement[] | undefined {
  return element?.tag === tag ? readDer(element.content) : undefined
}

function elementAt(bytes: Uint8Array<ArrayBuffer>, start: number): DerElement | undefined {
  const tag = bytes[start] ?? 0
  // High tag numbers are of no use in a certificate.
  if ((tag & 0x1f) === 0x1f) return undefined
  const first = bytes[start + 1]
  if (first === undefined || first === 0x80) return undefined
  let length = first
  let from = start + 2
  if (first > 0x80) {
    const octets = first & 0x7f
    if (octets > 3) return undefined
    length = 0
    for (let i = 0; i < octets; i++) length = length * 256 + (bytes[from + i] ?? 0)
    from += octets
    const shortest = octets === 1 ? 0x80 : 256 ** (octets - 1)
    if (length < shortest) return undefined
  }
  if (from + length > bytes.length) return undefined
  const [content, whole] = [from, start].map((begin) => bytes.subarray(begin, from + length))
  return content && whole && { tag, content, whole }
}

/** An object identifier as dotted numbers; `undefined` where it is none. Source: X.690 section 8.19. */
export function readOid(content: Uint8Array): string | undefined {
  if (content.length === 0 || content.length > 64 || (content.at(-1) ?? 0) >= 0x80) return undefined
  const numbers: number[] = []
  let value = 0
  let isFirst = true
  for (const byte of content) {
    // A leading zero digit, or a number that no longer fits.
    if ((isFirst && byte === 0x80) || value > 2 ** 45) return undefined
    value = value * 128 + (byte & 0x7f)
    isFirst = byte < 0x80
    if (!isFirst) continue
    numbers.push(value)
    value = 0
  }
  const [first = 0, ...rest] = numbers
  const root = Math.min(Math.floor(first / 40), 2)
  return [root, first - root * 40, ...rest].join('.')
}
