import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COVERAGE_DOCS, coverageDocs, REQUIREMENTS } from './spec-coverage.ts'
import { taggedTests } from './tagged-tests.ts'

describe('docs/spec-coverage.md', () => {
  it('says what the titles of the tests say; if not: node -C @countersign/source tools/spec-coverage.ts', () => {
    expect(readFileSync(COVERAGE_DOCS, 'utf8')).toBe(coverageDocs())
  })

  it('knows every requirement that a test names', () => {
    const numbers = new Set(REQUIREMENTS.map(({ number }) => number))
    expect([...taggedTests('std').keys()].filter((number) => !numbers.has(number))).toEqual([])
  })

  it('finds tests by their titles', () => {
    expect(taggedTests('std').get(2)?.length).toBeGreaterThan(0)
  })
})
