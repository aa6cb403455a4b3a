/**
 * The bytes of an IP address: 4 of an IPv4 one in dotted decimal, 16 of an IPv6 one. `undefined` for
 * everything else: other spellings of IPv4, brackets, a zone, a blank.
 *
 * Source: RFC 4291 section 2.2; RFC 6943 section 3.1.1 for the other spellings.
 */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length > MAX_TEXT) return undefined
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

/** An IP address as text, IPv6 in its one canonical form. Source: RFC 5952 section 4. */
export function formatIpAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => (at(bytes, 2 * i) << 8) | at(bytes, 2 * i + 1))
  const [start, length] = longestZeros(groups)
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** `0000:` eight times over, the last two groups as IPv4. */
const MAX_TEXT = 45

function parseIpv4(text: string): Uint8Array<ArrayBuffer> | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1)
  // A leading zero makes it octal for some readers and decimal for others.
  if (octets === undefined || octets.some((one) => Number(one) > 255 || /^0\d/.test(one))) {
    return undefined
  }
  return Uint8Array.from(octets, Number)
}

function parseIpv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [front, back] = halves.map((half, i) => groupsOf(half, i === halves.length - 1))
  if (front === undefined || (halves.length === 2 && back === undefined)) return undefined
  const missing = 16 - front.length - (back?.length ?? 0)
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined
  return Uint8Array.from([...front, ...Array<number>(missing).fill(0), ...(back ?? [])])
}

/** The bytes of some groups; the last of an address may be written as IPv4. */
function groupsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return []
  const bytes: number[] = []
  const groups = text.split(':')
  for (const [i, group] of groups.entries()) {
    if (/^[\da-f]{1,4}$/i.test(group)) {
      const value = Number.parseInt(group, 16)
      bytes.push(value >> 8, value & 255)
      continue
    }
    const ipv4 = isLast && i === groups.length - 1 ? parseIpv4(group) : undefined
    if (ipv4 === undefined) return undefined
    bytes.push(...ipv4)
  }
  return bytes
}

/** The first of the longest runs of zeros. */
function longestZeros(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0]
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > best[1]) best = [start, end - start]
    if (end > start) start = end
  }
  return best
}

function at(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0
}
