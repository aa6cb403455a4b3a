import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { FIELD_DOCS, FIELD_FAILURES, fieldDocs } from './field-failures.ts'
import { taggedTests } from './tagged-tests.ts'

describe('docs/guard/field-failures.md', () => {
  it('says what the titles of the tests say; if not: node -C @countersign/source tools/spec-coverage.ts', () => {
    expect(readFileSync(FIELD_DOCS, 'utf8')).toBe(fieldDocs())
  })

  it('has a test for every failure, or a reason why there is none', () => {
    const tests = taggedTests('field')
    const missing = FIELD_FAILURES.filter(
      ({ number, untested }) => !tests.has(number) && untested === undefined,
    ).map(({ number }) => number)
    expect(missing).toEqual([])
  })

  it('knows every failure that a test names, and numbers them without a gap', () => {
    const numbers = FIELD_FAILURES.map(({ number }) => number)
    expect(numbers).toEqual(Array.from({ length: 71 }, (_, index) => index + 1))
    expect([...taggedTests('field').keys()].filter((number) => !numbers.includes(number))).toEqual(
      [],
    )
  })
})
