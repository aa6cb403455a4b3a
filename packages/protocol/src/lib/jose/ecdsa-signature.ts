/**
 * The two shapes of an ECDSA signature: `r || s` as JOSE has it, DER as most crypto libraries do.
 *
 * With `room` it is written to the front of that, which must have nine bytes more than `rs`, and what is
 * given is a part of it: memory of its own costs more than all the rest.
 * Source: RFC 7518 section 3.4; SEC 1 appendix C.5 for the DER structure.
 */
export function formatDerSignature(
  rs: Uint8Array,
  room?: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const half = rs.length / 2
  const [r, s] = [integerStart(rs, 0, half), integerStart(rs, half, rs.length)]
  const rLength = half - r + padding(rs, r)
  const sLength = rs.length - s + padding(rs, s)
  const length = rLength + sLength + 4
  // P-521 is the only curve whose structure passes 127 bytes.
  const header = length < 128 ? 2 : 3
  const size = header + length
  const der = room === undefined ? new Uint8Array(size) : room.subarray(0, size)
  der[0] = 0x30
  if (header === 3) der[1] = 0x81
  der[header - 1] = length
  writeInteger(der, header, { rs, start: r, end: half, length: rLength })
  writeInteger(der, header + 2 + rLength, { rs, start: s, end: rs.length, length: sLength })
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

/** Where the digits of a number begin; one digit stays where all are zero. */
function integerStart(rs: Uint8Array, from: number, end: number): number {
  let start = from
  while (start < end - 1 && rs[start] === 0) start++
  return start
}

/** A first digit with its high bit set would read as a minus sign. */
function padding(rs: Uint8Array, start: number): number {
  return (rs[start] ?? 0) >= 0x80 ? 1 : 0
}

function writeInteger(
  der: Uint8Array,
  at: number,
  {
    rs,
    start,
    end,
    length,
  }: {
    readonly rs: Uint8Array
    readonly start: number
    readonly end: number
    readonly length: number
  },
): void {
  der[at] = 0x02
  der[at + 1] = length
  der[at + 2] = 0
  let to = at + 2 + length - (end - start)
  for (let from = start; from < end; from++) der[to++] = rs[from] ?? 0
}
