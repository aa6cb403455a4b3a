import { readFileSync } from 'node:fs'
import { EXIT_CODES } from '@countersign/cli'
import { ERROR_CATALOGUE } from '@countersign/client'
import { DENIAL_REASONS } from '@countersign/guard'
import { REFUSAL_REASONS } from '@countersign/server'
import { describe, expect, it } from 'vitest'
import { documentedNames, ERROR_DOCS, errorDocs } from './error-docs.ts'

const page = readFileSync(ERROR_DOCS, 'utf8')

/** The names in the first column of the table under each heading of a page. */
function namesOnPage(text: string): Map<string, string[]> {
  const sections = text.split(/^## /m).slice(1)
  return new Map(
    sections.map((section) => {
      const title = section.slice(0, section.indexOf('\n'))
      const names = Array.from(section.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name ?? '')
      return [title, names]
    }),
  )
}

describe('docs/errors.md', () => {
  it('has a row for every name in the catalogues, and for no other', () => {
    expect(namesOnPage(page)).toEqual(documentedNames())
  })

  it('says what the catalogues say; if not: node -C @countersign/source tools/error-docs.ts', () => {
    expect(page).toBe(errorDocs(page))
  })

  it('keeps what was written by hand', () => {
    expect(page).toMatch(/^# Errors, refusals and exit codes\n\nEvery failure has a stable name\./)
    expect(errorDocs(`${page}\n| \`ERR_GONE\` | was removed | nothing |\n`)).toBe(page)
    expect(errorDocs(`By hand.\n${page}`)).toBe(`By hand.\n${page}`)
  })

  it('covers the catalogues of client, guard, server and command', () => {
    const names = documentedNames()
    expect(names.get('Client errors')).toEqual(Object.keys(ERROR_CATALOGUE))
    expect(names.get('Guard denials')).toEqual(Object.keys(DENIAL_REASONS))
    expect(names.get('Server refusals')).toEqual(Object.keys(REFUSAL_REASONS))
    expect(names.get('Exit codes')).toEqual(Object.values(EXIT_CODES).map(({ code }) => `${code}`))
  })
})
