/**
 * CRC-32 of an ASCII text, as an integer from 0: the checksum at the end of what this server generates.
 *
 * Not that of `node:zlib`, which takes more than a megabyte to load and a call to reach.
 * Source: ISO/IEC 13239; RFC 1952 section 8.
 */
export function crc32(text: string): number {
  let crc = -1
  for (let at = 0; at < text.length; at++) {
    crc = (TABLE[(crc ^ text.charCodeAt(at)) & 0xff] ?? 0) ^ (crc >>> 8)
  }
  return ~crc >>> 0
}

/** What each byte comes to. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  return crc
})
