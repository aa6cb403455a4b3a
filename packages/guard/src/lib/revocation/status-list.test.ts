import { deflateSync } from 'node:zlib'
import { formatBase64url } from '@countersign/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inflateZlib } from './inflate-zlib.ts'
import { readStatusList } from './status-list.ts'

/** Source: draft-ietf-oauth-status-list sections 4.1, 4.2 and appendix "Test vectors". */
interface Vector {
  readonly name: string
  readonly bits: number
  /** Bytes of the list, inflated. */
  readonly size: number
  /** Pairs of index and status; every other status is 0. */
  readonly statuses: readonly (readonly [index: number, status: number])[]
  readonly lst: string
}

/** Where the statuses 0 to 255 stand. */
const EIGHT_BITS: readonly number[] = [
  233478, 52451, 576778, 513575, 468106, 292632, 214947, 182323, 884834, 66653, 62489, 196493,
  458517, 487925, 55649, 416992, 879796, 462297, 942059, 583408, 13628, 334829, 886286, 713557,
  582738, 326064, 451545, 705889, 214350, 194502, 796765, 202828, 752834, 721327, 554740, 91122,
  963483, 261779, 793844, 165255, 614839, 758403, 403258, 145867, 96100, 477937, 606890, 167335,
  488197, 211815, 797182, 582952, 950870, 765108, 341110, 776325, 745056, 439368, 559893, 149741,
  358903, 513405, 342679, 969429, 795775, 566121, 460566, 680070, 117310, 480348, 67319, 661552,
  841303, 561493, 138807, 442463, 659927, 445910, 1046963, 829700, 962282, 299623, 555493, 292826,
  517215, 551009, 898490, 837603, 759161, 459948, 290102, 1034977, 190650, 98810, 229950, 320531,
  335506, 885333, 133227, 806915, 800313, 981571, 527253, 24077, 240232, 559572, 713399, 233941,
  615514, 911768, 331680, 951527, 6805, 552366, 374660, 223159, 625884, 417146, 320527, 784154,
  338792, 1199, 679804, 1024680, 40845, 234603, 761225, 644903, 502167, 121477, 505144, 165165,
  179628, 1019195, 145149, 263738, 269256, 996739, 346296, 555864, 887384, 444173, 421844, 653716,
  836747, 783119, 918762, 946835, 253764, 519895, 471224, 134272, 709016, 44112, 482585, 461829,
  15080, 148883, 123467, 480125, 141348, 65877, 692958, 148598, 499131, 584009, 1017987, 449287,
  277478, 991262, 509602, 991896, 853666, 399318, 197815, 203278, 903979, 743015, 888308, 862143,
  979421, 113605, 206397, 127113, 844358, 711569, 229153, 521470, 401793, 398896, 940810, 293983,
  884749, 384802, 584151, 970201, 523882, 158093, 929312, 205329, 106091, 30949, 195586, 495723,
  348779, 852312, 1018463, 1009481, 448260, 841042, 122967, 345269, 794764, 4520, 818773, 556171,
  954221, 598210, 887110, 1020623, 324632, 398244, 622241, 456551, 122648, 127837, 657676, 119884,
  105156, 999897, 330160, 119285, 168005, 389703, 143699, 142524, 493258, 846778, 251420, 516351,
  83344, 171931, 879178, 663475, 546865, 428362, 658891, 500560, 557034, 830023, 274471, 629139,
  958869, 663071, 152133, 19535,
]

const VECTORS: readonly Vector[] = [
  {
    name: '1 bit, short',
    bits: 1,
    size: 2,
    statuses: [
      [0, 1],
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
      [5, 1],
      [6, 0],
      [7, 1],
      [8, 1],
      [9, 1],
      [10, 0],
      [11, 0],
      [12, 0],
      [13, 1],
      [14, 0],
      [15, 1],
    ],
    lst: 'eNrbuRgAAhcBXQ',
  },
  {
    name: '2 bits, short',
    bits: 2,
    size: 3,
    statuses: [
      [0, 1],
      [1, 2],
      [2, 0],
      [3, 3],
      [4, 0],
      [5, 1],
      [6, 0],
      [7, 1],
      [8, 1],
      [9, 2],
      [10, 3],
      [11, 3],
    ],
    lst: 'eNo76fITAAPfAgc',
  },
  {
    name: '1 bit',
    bits: 1,
    size: 131072,
    statuses: [
      [0, 1],
      [1993, 1],
      [25460, 1],
      [159495, 1],
      [495669, 1],
      [554353, 1],
      [645645, 1],
      [723232, 1],
      [854545, 1],
      [934534, 1],
      [1000345, 1],
    ],
    lst:
      'eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpL' +
      'AAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb',
  },
  {
    name: '2 bits',
    bits: 2,
    size: 262144,
    statuses: [
      [0, 1],
      [1993, 2],
      [25460, 1],
      [159495, 3],
      [495669, 1],
      [554353, 1],
      [645645, 2],
      [723232, 1],
      [854545, 1],
      [934534, 2],
      [1000345, 3],
    ],
    lst:
      'eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQ' +
      'EAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAA' +
      'AAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw',
  },
  {
    name: '4 bits',
    bits: 4,
    size: 524288,
    statuses: [
      [0, 1],
      [1993, 2],
      [35460, 3],
      [459495, 4],
      [595669, 5],
      [754353, 6],
      [845645, 7],
      [923232, 8],
      [924445, 9],
      [934534, 10],
      [1004534, 11],
      [1000345, 12],
      [1030203, 13],
      [1030204, 14],
      [1030205, 15],
    ],
    lst:
      'eNrt0EENgDAQADAIHwImkIIEJEwCUpCEBBQRHOy35Li1EjoOQGabAgAAAAAAAAAAAAAAAAAAACC1SQEAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABADrsCAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADoxaEAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAIIoCgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACArpwKAAAAAAAAAAAAAA' +
      'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGhqVkAzlwIAAAAAiGVRAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' +
      'AAAAAABx3AoAgLpVAQAAAAAAAAAAAAAAwM89rwMAAAAAAAAAAAjsA9xMBMA',
  },
  {
    name: '8 bits',
    bits: 8,
    size: 1048576,
    statuses: EIGHT_BITS.map((index, status) => [index, status] as const),
    lst:
      'eNrt0WOQM2kYhtGsbdu2bdu2bdu2bdu2bdu2jVnU1my-SWYm6U5enFPVf7ue97orFYAo7CQBAACQuuckAABStqUEAA' +
      'AAAAAAtN6wEgAE71QJAAAAAIrwhwQAAAAAAdtAAgAAAAAAACLwkAQAAAAAAAAAAACUaFcJAACAeJwkAQAAAAAAAABQ' +
      'vL4kAAAAWmJwCQAAAAAAAAjAwBIAAAB06ywJoDKQBARpfgkAAAAAAAAAAAAAAAAAAACo50sJAAAAAAAAAOiRcSQAAA' +
      'AAgAJNKgEAAG23mgQAAAAAAECw3pUAQvegBAAAAAAAAADduE4CAAAAyjSvBAAQiw8koHjvSABAb-wlARCONyVoxtMS' +
      'ZOd0CQAAAOjWDRKQmLckAAAAAACysLYEQGcnSAAAAAAQooUlAABI15kSAIH5RAIgLB9LABC4_SUgGZNIAABAmM6RoL' +
      'bTJIASzCIBAEAhfpcAAAAAAABquk8CAAAAAAAAaJl9SvvzBOICAFWmkIBgfSgBAAAANOgrCQAAAAAAAADStK8EAAC0' +
      '3gASAAAAAAAAAADFWFUCAAAAMjOaBEADHpYAQjCIBADduFwCAAAAAGitMSSI3BUSAECOHpAA6IHrJQAAAAAAsjeVBA' +
      'AAKRpVAorWvwQAAAAAAAAAkKRtJAAAAAAAgCbcLAF0bXUJAAAAoF02kYDg7CYBAAAAAEB6NpQAAAAAAAAAAAAAAEr1' +
      'uQQAAF06VgIAAAAAAAAAqDaeBAAQqgMkAAAAAABogQMlAAAAAAAa87MEAAAQiwslAAAAAAAAAAAAAAAAMrOyBAAAie' +
      'kv-hcsY0Sgne6QAAAAAAAgaUtJAAAAAAAAAAAAAAAAAAAAAAAAAADwt-07vjVkAAAAgDy8KgFAUEaSAAAAAJL3vgQA' +
      'WdhcAgAAoBHDSUDo1pQAAACI2o4SAABZm14CALoyuwQAAPznGQkgZwdLAAAQukclAAAAAAAAAAAAgKbMKgEAAAAAAA' +
      'AAAAAAAAAAAECftpYAAAAAAAAAAAAACnaXBAAAAADk7iMJAAAAAAAAAABqe00CAnGbBBG4TAIAgFDdKgFAXCaWAAAA' +
      'AAAAAAAAAAAAAKAJQwR72XbGAQAAAKAhh0sAAAAAAABQgO8kAAAAAAAAAAAAACAaM0kAAAC5W0QCAIJ3mAQAxGwxCQ' +
      'AA6nhSAsjZBRIAANEbWQIAAAAAaJE3JACAwA0qAUBIVpKAlphbAiAPp0iQnKEkAAAAAAAgBP1KAAAAdOl4CQAAAAAA' +
      'APjLZBIAAG10RtrPm8_CAEBMTpYAAAAAAIjQYBL8z5QSAAAAAEDYPpUAACAsj0gAAADQkHMlAAjHDxIA0Lg9JQAAgH' +
      'DsLQEAAABAQS6WAAAAgLjNFs2l_RgLAIAEfCEBlGZZCQAAaIHjJACgtlskAAAozb0SAAAAVFtfAgAAAAAAAAAAAAAA' +
      'AAAAAAAAAKDDtxIAAAAAVZaTAKB5W0kAANCAsSUgJ0tL0GqHSNBbL0gAZflRAgCARG0kQXNmlgCABiwkAQAAAEB25p' +
      'IAAAAAAAAAAAAAoFh9SwAAAAAAADWNmOSrpjFsEoaRgDKcF9Q1dxsEAAAAAAAAAAAAAAAAgPZ6SQIAAAAAAAAAgChM' +
      'LgEAAAAAAAAAqZlQAsK2qQQAAAAAAAD06XUJAAAAqG9bCQAAgLD9IgEAAAAAAAAAAAAAAAAAAEBNe0gAAAAAAAAAAE' +
      'BPHSEBAAAAlOZtCYA4fS8B0GFRCQAo0gISAOTgNwmC840EAAAAAAAAAAAAAAAAAAAAUJydJfjXPBIAAAAAAAAAAAAA' +
      'AABk6WwJAAAAAAAAAAAAAAAAqG8UCQAAgPpOlAAAIA83SQAANWwc9HUjGAgAAAAAAACAusaSAAAAAAAAAAAAAAAAAA' +
      'AAAAAAAAAAqHKVBACQjxklAAAAAAAAAKBHxpQAAAAAACBME0lAdlaUAACyt7sEAAAA0Nl0EgAAAAAAAAAAAABA-8wg' +
      'AQAAAAAAAKU4SgKgUtlBAgAAAAAAAAAAgMCMLwEE51kJICdzSgCJGl2CsE0tAQAA0L11JQAAAAAAAAjUOhIAAAAAAA' +
      'AAAAAAAGTqeQkAAAAAAAAAAAAAKM8SEjTrJwkAAAAAAACocqQEULgVJAAAACjDUxJUKgtKAAAAqbpRAgCA0n0mAQAA' +
      'AABAGzwmAUCTLpUAAAAAAAAAAEjZNRIAAAAAAAAAAAAAAAAAAAAA8I-vJaAlhpQAAAAAAHrvzjJ-OqCuuVlLAojP8B' +
      'JAr70sQZVDJYAgXS0BAAAAAAAAAAAAtMnyEgAAAAAAFONKCQAAAAAAAADorc0kAAAAAAAAgDqOlgAAAAAAAAAAAADI' +
      'wv0SAAAAAAAAAAAAAADBuV0CIFVDSwAAAABAAI6RAAAAAGIwrQSEZAsJAABouRclAAAAAKDDrxIAAAA0bkkJgFiMKw' +
      'EAAAAAAHQyhwRk7h4JAAAAAAAAAAAgatdKAACUYj0JAAAAAAAAAAAAQnORBLTFJRIAAAAAkIaDJAAAAJryngQAAAAA' +
      'AAAAAAA98oQEAAAAAAAAAEC2zpcgWY9LQKL2kwAgGK9IAAAAAPHaRQIAAAAAAAAAAADIxyoSAAAAAAAAAAAAAADQFo' +
      'tLAECz_gQ1PX-B',
  },
]

/** More than any list here has. */
const LIMIT = 2 * 1024 * 1024

function packed(bits: number, statuses: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((statuses.length * bits) / 8))
  for (const [index, status] of statuses.entries()) {
    const at = index * bits
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (status << (at & 7))
  }
  return bytes
}

describe('readStatusList', () => {
  it.each(VECTORS)(
    'reads the vector of the draft: $name [std:242] [std:243]',
    async ({ bits, lst, size, statuses }) => {
      const list = await readStatusList({ bits, lst }, size)
      for (const [index, status] of statuses)
        expect([index, list?.at(index)]).toEqual([index, status])
      const end = (size * 8) / bits
      const named = new Set(statuses.map(([index]) => index))
      let others = 0
      for (let index = 0; index < end; index++)
        if (!named.has(index)) others += list?.at(index) ?? 1
      expect(others).toBe(0)
      expect([end, end + 1, 2 ** 40, Number.MAX_SAFE_INTEGER].map((at) => list?.at(at))).toEqual(
        Array.from({ length: 4 }, () => undefined),
      )
    },
  )

  it('gives back what was packed, for every size and any statuses', async () => {
    const lists = fc
      .constantFrom(1, 2, 4, 8)
      .chain((bits) =>
        fc.tuple(
          fc.constant(bits),
          fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), { minLength: 1 }),
        ),
      )
    await fc.assert(
      fc.asyncProperty(lists, async ([bits, statuses]) => {
        const lst = formatBase64url(deflateSync(packed(bits, statuses)))
        const list = await readStatusList({ bits, lst }, LIMIT)
        expect(statuses.map((_, index) => list?.at(index))).toEqual(statuses)
      }),
      { numRuns: 50 },
    )
  })

  const [{ lst }] = VECTORS as readonly [Vector]
  it.each([
    ['no object', 'x'],
    ['three bits', { bits: 3, lst }],
    ['bits as a text', { bits: '1', lst }],
    ['no list', { bits: 1 }],
    ['padding', { bits: 1, lst: `${lst}==` }],
    ['what is not deflated', { bits: 1, lst: formatBase64url(new Uint8Array(20)) }],
    ['raw deflate without a zlib header', { bits: 1, lst: lst.slice(4) }],
    ['a list that is cut short', { bits: 1, lst: lst.slice(0, -4) }],
    [
      'something behind the list',
      { bits: 1, lst: formatBase64url(Buffer.concat([deflateSync('xy'), Buffer.from('z')])) },
    ],
    ['a wrong checksum', { bits: 1, lst: `${lst.slice(0, -3)}AAA` }],
  ])('refuses %s', async (_what, claim) => {
    expect(await readStatusList(claim, LIMIT)).toBeUndefined()
  })
})

describe('inflateZlib', () => {
  it('gives what has just the bound, and nothing that has one byte more', async () => {
    const deflated = new Uint8Array(deflateSync(new Uint8Array(1000)))
    expect((await inflateZlib(deflated, 1000))?.length).toBe(1000)
    expect(await inflateZlib(deflated, 999)).toBeUndefined()
  })

  it('stops at the bound where little would become very much', async () => {
    // 256 MiB of nothing, in a quarter of a megabyte.
    const bomb = new Uint8Array(deflateSync(new Uint8Array(256 * 1024 * 1024), { level: 9 }))
    const before = process.memoryUsage()
    expect(await inflateZlib(bomb, 1024 * 1024)).toBeUndefined()
    const after = process.memoryUsage()
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed
    expect(grown).toBeLessThan(64 * 1024 * 1024)
  })
})
