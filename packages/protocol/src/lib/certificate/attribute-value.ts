import { readDer, type DerElement } from './der.ts'

/**
 * The text of a directory string; `undefined` for another type and for text that is not well-formed or
 * holds a NUL.
 *
 * Source: RFC 5280 section 4.1.2.4; X.690 section 8.23 for the types.
 */
export function readDirectoryText({ tag, content }: DerElement): string | undefined {
  const text = decode(tag, content)
  return text === undefined || text.includes('\u0000') ? undefined : text
}

/** As above, of a whole element given as hex digits. */
export function readHexText(hex: string): string | undefined {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
  const [element, ...more] = readDer(bytes) ?? []
  return element === undefined || more.length > 0 ? undefined : readDirectoryText(element)
}

/** Bytes as hex digits in lower case. */
export function formatHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(tag: number, content: Uint8Array): string | undefined {
  switch (tag) {
    case 0x0c: // UTF8String
      try {
        return UTF8.decode(content)
      } catch {
        return undefined
      }
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return readAscii(content)
    case 0x14: // TeletexString, in practice Latin-1
      return characters(content)
    case 0x1e: // BMPString
      return content.length % 2 === 0 ? utf16(content) : undefined
    default:
      return undefined
  }
}

/** Text of ASCII alone; `undefined` for other bytes. */
export function readAscii(content: Uint8Array): string | undefined {
  return content.every((byte) => byte < 0x80) ? characters(content) : undefined
}

function characters(content: Uint8Array): string {
  return Array.from(content, (byte) => String.fromCharCode(byte)).join('')
}

function utf16(content: Uint8Array): string | undefined {
  const units = Array.from({ length: content.length / 2 }, (_, i) =>
    String.fromCharCode(((content[2 * i] ?? 0) << 8) | (content[2 * i + 1] ?? 0)),
  )
  const text = units.join('')
  return text.isWellFormed() ? text : undefined
}
