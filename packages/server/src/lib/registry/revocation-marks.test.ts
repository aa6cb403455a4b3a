import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RevocationRecord } from './records.ts'
import { revocationMarks } from './revocation-marks.ts'

const CLIENTS = ['a', 'b']
const TOKENS = ['t1', 't2', 't3', 't4']

const times = fc.record({ notAfter: fc.nat(20), expiresAt: fc.nat(40) })
const mark: fc.Arbitrary<RevocationRecord> = fc.oneof(
  fc
    .record({ index: fc.nat(3), times, isOwn: fc.boolean() })
    .map(({ index, times: { notAfter, expiresAt }, isOwn }) => ({
      target: 'token' as const,
      id: TOKENS[index] ?? '',
      notAfter,
      expiresAt,
      createdAt: 0,
      // Two tokens of each client.
      ...(isOwn && { clientId: CLIENTS[index % 2] ?? '' }),
    })),
  fc.record({ id: fc.constantFrom(...CLIENTS), times }).map(({ id, times: span }) => ({
    target: 'client' as const,
    id,
    ...span,
    createdAt: 0,
  })),
)

/** What is ended by these marks at an instant: each token that was issued at each time. */
function endedBy(marks: ReadonlyMap<string, RevocationRecord>, at: number): readonly string[] {
  return TOKENS.flatMap((token, index) =>
    Array.from({ length: 21 }, (_, iat) => iat).flatMap((iat) => {
      const keys = [`token ${token}`, `client ${CLIENTS[index % 2]}`]
      const isEnded = keys.some((key) => {
        const one = marks.get(key)
        return one !== undefined && one.expiresAt >= at && iat <= one.notAfter
      })
      return isEnded ? [`${token} of ${iat}`] : []
    }),
  )
}

describe('revocationMarks', () => {
  it('end exactly what all marks together end, in whatever order they come', () => {
    fc.assert(
      fc.property(fc.array(mark, { maxLength: 30 }), fc.nat(40), (records, at) => {
        const marks = revocationMarks()
        const all = new Map<string, RevocationRecord>()
        for (const record of records) {
          marks.put(record)
          all.set(`${record.target} ${record.id}`, record)
        }
        // As the store has them: a client's mark that was written anew never ends less.
        fc.pre(records.every((one) => one.target === 'token' || isGrowing(records, one)))
        marks.forgetEnded(at)
        expect(endedBy(marks.byKey, at)).toEqual(endedBy(all, at))
        for (const client of CLIENTS) {
          const held = Array.from(marks.byKey.values(), ({ clientId }) => clientId)
          expect(marks.countOf(client)).toBe(held.filter((one) => one === client).length)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

function isGrowing(records: readonly RevocationRecord[], earlier: RevocationRecord): boolean {
  const later = records.slice(records.indexOf(earlier) + 1)
  return later.every(
    ({ target, id, notAfter, expiresAt }) =>
      target !== 'client' ||
      id !== earlier.id ||
      (notAfter >= earlier.notAfter && expiresAt >= earlier.expiresAt),
  )
}
