import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const PAGE = join(ROOT, 'docs', 'responses.md')
const MARKER =
  '<!-- Below this line the page follows the tests: `vitest run responses-page -u`. -->'
const MEMBERS = 'packages/protocol/src/lib/token/token-response.test.ts'
const ANSWERS = 'packages/client/src/lib/grants/client-credentials-answer.test.ts'

/** The part of a test file from one text to the next occurrence of another. */
function part(file: string, from: string, to: string): string {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const start = text.indexOf(from)
  const end = text.indexOf(to, start)
  if (start === -1 || end === -1) throw new Error(`${file} has no longer: ${from} … ${to}`)
  return text.slice(start, end)
}

/** The cases of a test that is a table, each with what stands behind its title. */
function cases(region: string): readonly (readonly [title: string, rest: string])[] {
  const entries = region.split(/^ {4}\[(?=\s*['"])/m).slice(1)
  return entries.map((entry) => {
    const [, title = '', rest = ''] = /^\s*'([^']+)',([\s\S]*)$/.exec(entry) ?? []
    return [title.replace(/ \[std:.*\]$/, ''), rest] as const
  })
}

const REFUSED = 'refused: `ERR_RESPONSE_MEMBER`'

/** What a case of a member says of its outcome, which stands last. */
function memberOutcome(rest: string): string {
  const [entry = ''] = rest.split(/\],\s*$/m)
  const outcome = entry.split(',').at(-1)?.trim() ?? ''
  if (outcome === "'refused'") return REFUSED
  if (outcome === 'undefined') return 'the default life'
  if (outcome === 'MAX_EXPIRES_IN') return 'ten years'
  return /^\d+$/.test(outcome) ? `${outcome} s` : outcome.replaceAll("'", '`')
}

function answerOutcome(rest: string): string {
  const error = /code: '(\w+)'/.exec(rest)?.[1] ?? ''
  const oauth = /oauth: \{ error: '(\w+)'/.exec(rest)?.[1]
  return oauth === undefined ? `\`${error}\`` : `\`${error}\` (\`${oauth}\`)`
}

function table(
  title: string,
  heading: string,
  rows: readonly (readonly [title: string, outcome: string])[],
): string {
  const lines = rows.map(([name, outcome]) => `| ${name} | ${outcome} |`)
  return [`## ${title}`, '', `| ${heading} | Outcome |`, '| --- | --- |', ...lines].join('\n')
}

const ON_MEMBERS = [
  ['expires_in', "describe('parseTokenResponse on expires_in'"],
  ['token_type', "describe('parseTokenResponse on token_type'"],
] as const

/** The tables of the page, as the tests have them. */
function tables(): string[] {
  const answers = cases(
    part(ANSWERS, 'it.each<[string, LoopbackHandler', "])('gives a stated outcome"),
  )
  const tokens = cases(
    part(MEMBERS, "describe('parseTokenResponse', ", "])('refuses an access token"),
  )
  return [
    table(
      'The whole answer',
      'Answer',
      answers.map(([name, rest]) => [name, answerOutcome(rest)]),
    ),
    ...ON_MEMBERS.map(([member, from]) =>
      table(
        `\`${member}\``,
        'Value',
        cases(part(MEMBERS, from, 'it.each(outcomes)')).map(([name, rest]) => [
          name,
          memberOutcome(rest),
        ]),
      ),
    ),
    table(
      '`access_token`',
      'Value',
      tokens.map(([name]) => [name, REFUSED]),
    ),
  ]
}

describe('docs/responses.md', () => {
  it('has the cases and outcomes that the tests have, and no others', async () => {
    const opening = readFileSync(PAGE, 'utf8').split(MARKER, 1)[0]?.trimEnd() ?? ''
    const page = `${[opening, MARKER, ...tables()].join('\n\n')}\n`
    await expect(page).toMatchFileSnapshot(PAGE)
  })

  it('has an outcome for every case', () => {
    const rows = tables().flatMap((text) =>
      text.split('\n').filter((line) => line.startsWith('| ')),
    )
    expect(rows.length).toBeGreaterThan(70)
    expect(
      rows.filter((row) => !/^\| [^|[\]]+ \| [^|[\]]+ \|$/.test(row) || row.includes('``')),
    ).toEqual([])
  })
})
