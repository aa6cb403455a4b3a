import { describe, expect, it } from 'vitest'
import type { SigningKeyRecord } from '../registry/records.ts'
import { publishedKeys, retiredKeys, signingKeyAt } from './key-schedule.ts'

const HOUR = 3_600_000

function key(kid: string, signsFrom: number, withdrawAt: number | null = null): SigningKeyRecord {
  return {
    kid,
    alg: 'ES256',
    publicJwk: {},
    externalKey: null,
    sealedPrivateKey: '',
    masterKeyVersion: 1,
    createdAt: 0,
    signsFrom,
    withdrawAt,
  }
}

function signerAt(keys: readonly SigningKeyRecord[], at: number): string | undefined {
  return signingKeyAt(
    keys.map((record) => ({ record })),
    'ES256',
    at,
  )?.record.kid
}

describe('signingKeyAt', () => {
  it('chooses the key that took over last', () => {
    const keys = [key('b', 100), key('a', 0), key('c', 200)]
    expect([0, 99, 100, 199, 200].map((at) => signerAt(keys, at))).toEqual([
      'a',
      'a',
      'b',
      'b',
      'c',
    ])
  })

  it('never chooses a key that is not published', () => {
    expect(signerAt([key('a', 0), key('b', 100, 150)], 150)).toBe('a')
    expect(signerAt([key('a', 0, 50)], 50)).toBeUndefined()
    expect(signerAt([key('a', 10)], 9)).toBeUndefined()
  })

  it('keeps to the algorithm', () => {
    expect(signerAt([key('a', 0), { ...key('b', 5), alg: 'RS256' }], 10)).toBe('a')
    expect(signerAt([{ ...key('b', 5), alg: 'RS256' }], 10)).toBeUndefined()
  })

  it('breaks a tie alike whatever the order', () => {
    expect(signerAt([key('a', 0), key('b', 0)], 0)).toBe(signerAt([key('b', 0), key('a', 0)], 0))
  })
})

describe('publishedKeys', () => {
  it('holds announced keys and leaves a key out from the instant it is withdrawn', () => {
    const keys = [key('old', 0, 100), key('announced', 500)]
    expect(publishedKeys(keys, 99).map(({ kid }) => kid)).toEqual(['old', 'announced'])
    expect(publishedKeys(keys, 100).map(({ kid }) => kid)).toEqual(['announced'])
  })
})

describe('retiredKeys', () => {
  const retire = (keys: readonly SigningKeyRecord[], now: number, signsFrom: number) =>
    retiredKeys(keys, { now, signsFrom, longestLifetimeSeconds: 3600 }).map(
      ({ kid, withdrawAt }) => [kid, withdrawAt],
    )

  it('keeps the signing key until its last token is an hour past its life', () => {
    expect(retire([key('a', 0)], 1000, 2000)).toEqual([['a', 2000 + HOUR + HOUR]])
  })

  it('does not lengthen the time of a key that is retired already', () => {
    expect(retire([key('a', 0, 3000)], 1000, 2000)).toEqual([['a', 3000]])
  })

  it('withdraws at once a key that would have taken over from its own successor', () => {
    const keys = [key('a', 0, 9 * HOUR), key('pending', 5000)]
    expect(retire(keys, 1000, 1000)).toEqual([
      ['a', 1000 + 2 * HOUR],
      ['pending', 1000],
    ])
  })

  it('lets a pending key sign until a later successor', () => {
    expect(retire([key('pending', 5000)], 1000, 9000)).toEqual([['pending', 9000 + 2 * HOUR]])
  })

  it('leaves withdrawn keys alone', () => {
    expect(retire([key('a', 0, 500)], 1000, 2000)).toEqual([])
  })
})
