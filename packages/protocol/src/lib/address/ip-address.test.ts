import { isIP } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isInRanges, parseAddressRange } from './address-range.ts'
import { formatIpAddress, parseIpAddress } from './ip-address.ts'
import { isPublicAddress } from './public-address.ts'

const bytes = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Addresses with runs of zeros, which text shortens.
  fc
    .array(fc.constantFrom(0, 0, 0, 1, 0xab), { minLength: 16, maxLength: 16 })
    .map((all) => Uint8Array.from(all)),
)

describe('formatIpAddress and parseIpAddress', () => {
  it('are each other’s inverse', () => {
    fc.assert(
      fc.property(bytes, (address) => {
        const text = formatIpAddress(address)
        expect(isIP(text)).toBe(address.length === 4 ? 4 : 6)
        expect(parseIpAddress(text)).toEqual(Uint8Array.from(address))
      }),
    )
  })

  it('write IPv6 as the URL parser does, which is the canonical form', () => {
    fc.assert(
      fc.property(bytes, (address) => {
        if (address.length === 4) return
        const text = formatIpAddress(address)
        expect(new URL(`http://[${text}]`).hostname).toBe(`[${text}]`)
      }),
    )
  })

  it('take what Node takes for an address, zones left out', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          fc.string({ unit: fc.constantFrom(...'0123456789abf:.%/ '.split('')) }),
        ),
        (text) => {
          expect(parseIpAddress(text) !== undefined).toBe(isIP(text) !== 0 && !text.includes('%'))
        },
      ),
    )
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '0x7f.0.0.1',
    '2130706433',
    '1.2.3.4 ',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '::12345',
    '::1.2.3',
    '1.2.3.4::',
    'fe80::1%eth0',
    '[::1]',
    `::${'0'.repeat(100)}`,
  ])('take no %j', (text) => {
    expect(parseIpAddress(text)).toBeUndefined()
  })
})

describe('parseAddressRange and isInRanges', () => {
  const holds = (range: string, address: string): boolean => {
    const parsed = parseAddressRange(range)
    if (!parsed.ok) throw new Error(parsed.reason)
    return isInRanges(address, [parsed.value])
  }

  it.each([
    ['10.0.0.0/8', '10.255.255.255', '11.0.0.0'],
    ['172.16.0.0/12', '172.31.255.255', '172.32.0.0'],
    ['192.0.2.7', '192.0.2.7', '192.0.2.8'],
    ['192.0.2.7/32', '::ffff:192.0.2.7', '::192.0.2.7'],
    ['0.0.0.0/0', '203.0.113.9', '::1'],
    ['fd00::/8', 'fdff::1', 'fe00::1'],
    ['::/0', '2001:db8::1', '127.0.0.1'],
    ['2001:db8::/33', '2001:db8:7fff::', '2001:db8:8000::'],
    ['::1', '0:0:0:0:0:0:0:1', '::2'],
    ['127.0.0.0/8', '127.0.0.1', 'localhost'],
    ['127.0.0.0/8', '127.0.0.1', ''],
    ['127.0.0.0/8', '127.0.0.1', '127.0.0.1, 10.0.0.1'],
  ])('%s holds %s and not %s', (range, inside, outside) => {
    expect(holds(range, inside)).toBe(true)
    expect(holds(range, outside)).toBe(false)
  })

  it.each([
    '',
    '/',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    '10.0.0.1/8',
    '::1/127',
    '::/129',
    'localhost',
    '10.0.0.0/ 8',
  ])('refuse the range %j', (range) => {
    expect(parseAddressRange(range)).toMatchObject({ ok: false, member: 'range' })
  })

  it('agree with arithmetic', () => {
    fc.assert(
      fc.property(fc.nat(32), fc.nat(0xffffffff), fc.nat(0xffffffff), (length, one, other) => {
        const size = 2 ** (32 - length)
        const first = Math.floor(one / size) * size
        const text = (n: number): string =>
          [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.')
        expect(holds(`${text(first)}/${length}`, text(other))).toBe(
          other >= first && other < first + size,
        )
      }),
    )
  })
})

describe('isPublicAddress', () => {
  it.each([
    '8.8.8.8',
    '1.1.1.1',
    '172.15.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2001:4860::8888',
  ])('says yes to %s', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.31.0.1',
    '192.168.1.1',
    '192.0.0.8',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '64:ff9b::8.8.8.8',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '4000::1',
    'localhost',
    '',
    '2130706433',
  ])('says no to %s [std:151] [std:181]', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })
})
