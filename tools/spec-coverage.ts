/**
 * Writes docs/spec-coverage.md: every numbered requirement of the standards, with the tests whose
 * title carries its number as `[std:N]`. Writes docs/guard/field-failures.md as well.
 *
 * The requirements are in `requirements.json` beside this file, in words of our own.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FIELD_DOCS, fieldDocs } from './field-failures.ts'
import { taggedTests, testLinks } from './tagged-tests.ts'

/** One requirement. */
export interface Requirement {
  readonly number: number
  /** The document it comes from; sections stand in the text. */
  readonly source: string
  /** Whom it binds: C client, A authorization server, R resource server, or all. */
  readonly parties: string
  readonly requirement: string
}

const ROOT = join(import.meta.dirname, '..')

/** The page's path. */
export const COVERAGE_DOCS: string = join(ROOT, 'docs', 'spec-coverage.md')

/** Every requirement, in the order of the numbers. */
export const REQUIREMENTS: readonly Requirement[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'requirements.json'), 'utf8'),
) as Requirement[]

/** The whole page. */
export function coverageDocs(): string {
  const tests = taggedTests('std')
  const sources = [...new Set(REQUIREMENTS.map(({ source }) => source))]
  const covered = REQUIREMENTS.filter(({ number }) => tests.has(number)).length
  return `# What the standards ask, and which tests hold it

Each line is one requirement, in our words; C binds the client, A the authorization server, R the guard of an
API. M must, MN must not, S should, SN should not, O optional. A requirement counts as covered where the
title of a test carries its number: ${covered} of ${REQUIREMENTS.length} do. The others are not built, not tested under
their number, or not ours; nothing is claimed about them.

This page is written by \`node -C @countersign/source tools/spec-coverage.ts\`.
${sources.map((source) => section(source, tests)).join('')}`
}

function section(source: string, tests: ReadonlyMap<number, readonly string[]>): string {
  const rows = REQUIREMENTS.filter((one) => one.source === source)
  return `
## ${source}

| | For | Requirement | Tests |
|---|---|---|---|
${rows.map((one) => row(one, tests.get(one.number) ?? [])).join('\n')}
`
}

function row({ number, parties, requirement }: Requirement, files: readonly string[]): string {
  return `| ${number} | ${parties} | ${requirement.replaceAll('|', '\\|')} | ${testLinks(files, 1)} |`
}

if (import.meta.main) {
  writeFileSync(COVERAGE_DOCS, coverageDocs())
  writeFileSync(FIELD_DOCS, fieldDocs())
}
