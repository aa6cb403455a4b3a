/**
 * The two shapes of an ECDSA signature: `r || s` as JOSE has it, DER as most crypto libraries do.
 *
 * Source: RFC 7518 section 3.4; SEC 1 appendix C.5 for the DER structure.
 */
export function formatDerSignature(rs: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = rs.length / 2
  const r = derInteger(rs.subarray(0, half))
  const s = derInteger(rs.subarray(half))
  const length = r.length + s.length
  // P-521 is the only curve whose structure passes 127 bytes.
  const header = length < 128 ? [0x30, length] : [0x30, 0x81, length]
  const der = new Uint8Array(header.length + length)
  der.set(header)
  der.set(r, header.length)
  der.set(s, header.length + r.length)
  return der
}

/**
 * The `r || s` form of a DER signature, each half `size` bytes (32 for P-256).
 *
 * Gives `undefined` for anything that is not such a structure or does not fit the curve.
 */
export function parseDerSignature(
  der: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> | undefined {
  let at = 0
  const next = (): number => der[at++] ?? -1
  if (next() !== 0x30) return undefined
  let length = next()
  if (length === 0x81) length = next()
  if (length < 0 || at + length !== der.length) return undefined
  const rs = new Uint8Array(size * 2)
  for (const end of [size, size * 2]) {
    if (next() !== 0x02) return undefined
    const count = next()
    if (count <= 0 || at + count > der.length) return undefined
    let start = at
    at += count
    while (start < at - 1 && der[start] === 0) start++
    if (at - start > size) return undefined
    rs.set(der.subarray(start, at), end - (at - start))
  }
  return at === der.length ? rs : undefined
}

function derInteger(magnitude: Uint8Array): Uint8Array {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++
  const digits = magnitude.subarray(start)
  const pad = (digits[0] ?? 0) >= 0x80 ? 1 : 0
  const integer = new Uint8Array(2 + pad + digits.length)
  integer.set([0x02, pad + digits.length])
  integer.set(digits, 2 + pad)
  return integer
}
