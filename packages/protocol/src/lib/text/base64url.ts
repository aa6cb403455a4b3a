/**
 * Base64url without padding, both ways, strictly: no padding, blanks, `+`, `/` or stray low bits.
 *
 * Source: RFC 7515 section 2 and appendix C; RFC 4648 section 3.5 for the stray bits.
 */
export function formatBase64url(bytes: Uint8Array): string {
  let text = ''
  let i = 0
  for (; i + 2 < bytes.length; i += 3) {
    const word = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2)
    text += letter(word >> 18) + letter(word >> 12) + letter(word >> 6) + letter(word)
  }
  const left = bytes.length - i
  if (left === 1) {
    const word = at(bytes, i) << 16
    text += letter(word >> 18) + letter(word >> 12)
  } else if (left === 2) {
    const word = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8)
    text += letter(word >> 18) + letter(word >> 12) + letter(word >> 6)
  }
  return text
}

/** The bytes of a base64url text; `undefined` for anything that is not strictly that. */
export function parseBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const left = text.length % 4
  if (left === 1) return undefined
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  let out = 0
  let bits = 0
  let held = 0
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)]
    if (value === undefined || value < 0) return undefined
    held = ((held << 6) | value) & 0xffffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[out++] = (held >> bits) & 0xff
    }
  }
  // Two texts for one value would let a token be changed without breaking its signature.
  if ((held & ((1 << bits) - 1)) !== 0) return undefined
  return bytes
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES: Int8Array = (() => {
  const values = new Int8Array(128).fill(-1)
  for (let i = 0; i < ALPHABET.length; i++) values[ALPHABET.charCodeAt(i)] = i
  return values
})()

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}

function letter(word: number): string {
  return ALPHABET.charAt(word & 63)
}
