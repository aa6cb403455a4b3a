/**
 * Writes docs/guard/field-failures.md: what went wrong in the guards of others, with the tests of ours
 * whose title carries the number as `[field:N]`. Run by `spec-coverage.ts`.
 *
 * The failures are in `field-failures.json` beside this file, in words of our own.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { taggedTests, testLinks } from './tagged-tests.ts'

/** A failure that others have had. */
export interface FieldFailure {
  readonly number: number
  /** The table it stands in. */
  readonly part: string
  /** Where it was seen: advisory or issue. */
  readonly seen: string
  readonly failure: string
  /** What this project does. */
  readonly owed: string
  /** Why no test can tell, where none carries the number. */
  readonly untested?: string
}

/** The page's path. */
export const FIELD_DOCS: string = join(
  import.meta.dirname,
  '..',
  'docs',
  'guard',
  'field-failures.md',
)

/** Every failure, in the order of the numbers. */
export const FIELD_FAILURES: readonly FieldFailure[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'field-failures.json'), 'utf8'),
) as FieldFailure[]

/** The whole page. */
export function fieldDocs(): string {
  const tests = taggedTests('field')
  const parts = [...new Set(FIELD_FAILURES.map(({ part }) => part))]
  return `# What went wrong elsewhere, and which tests keep it out

Guards, gateways and JWT libraries have let requests through that they should have refused, or refused what was
good, or fallen over. Each line is one such failure, what this guard owes instead, and the tests that hold it to
that.

This page is written by \`node -C @countersign/source tools/spec-coverage.ts\`, from the titles of the tests.
${parts.map((part) => section(part, tests)).join('')}`
}

function section(part: string, tests: ReadonlyMap<number, readonly string[]>): string {
  const rows = FIELD_FAILURES.filter((one) => one.part === part)
  return `
## ${part}

| | Seen in | What went wrong | Owed | Tests |
|---|---|---|---|---|
${rows.map((one) => row(one, tests.get(one.number) ?? [])).join('\n')}
`
}

function row(
  { number, seen, failure, owed, untested = '' }: FieldFailure,
  files: readonly string[],
): string {
  const held = files.length === 0 ? untested : testLinks(files, 2)
  return `| ${number} | ${seen} | ${failure} | ${owed} | ${held} |`
}
