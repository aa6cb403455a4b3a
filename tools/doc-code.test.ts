import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand } from './run-command.ts'

const ROOT = join(import.meta.dirname, '..')
// Inside node_modules, so that git and the other gates do not see it, and imports still resolve.
const MODULES = join(ROOT, 'node_modules', '.cache', `doc-code-${process.pid}`)

const CODE_PAGES = ['README.md', 'docs/**/*.md', 'packages/*/README.md']
const LINK_PAGES = ['*.md', '{docs,decisions,examples,bench,interop}/**/*.md', 'packages/*/*.md']

function pages(patterns: readonly string[]): string[] {
  return globSync(patterns, { cwd: ROOT, exclude: (name) => name === 'node_modules' }).toSorted()
}

/**
 * The ```ts blocks of a page as modules. A block marked `ts continued` belongs to the one before it;
 * one marked `ts run` is a program that is run as well.
 *
 * Each line stands where it stands on the page, so that the compiler's line numbers are the page's.
 */
function modules(text: string): string[] {
  const found: string[][] = []
  let inside = false
  for (const [number, line] of text.split('\n').entries()) {
    const fence = /^```(\S*)\s*(.*)$/.exec(line)
    if (fence === null) {
      if (inside) found.at(-1)![number] = line
      continue
    }
    inside = !inside && fence[1] === 'ts'
    if (inside && fence[2] !== 'continued') found.push([])
  }
  return found.map((lines) => `${lines.join('\n')}\nexport {}\n`)
}

/** The blocks marked `ts run`: whole programs that end with exit code 0. */
function programs(page: string): [string, string][] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const found = text.matchAll(/^```ts run\n([\s\S]*?)^```$/gm)
  return Array.from(found, ([, code], index) => [`${page}, ${index + 1}`, code ?? ''])
}

/** Writes the modules of every page, and what the compiler needs to read them. */
function writeModules(): number {
  const files = pages(CODE_PAGES).flatMap((page) =>
    modules(readFileSync(join(ROOT, page), 'utf8')).map((text, index) => {
      const file = `${page}.${index + 1}.ts`
      mkdirSync(dirname(join(MODULES, file)), { recursive: true })
      writeFileSync(join(MODULES, file), text)
      return file
    }),
  )
  const config = {
    extends: join(ROOT, 'tsconfig.tests.json'),
    // A page may show a value and leave its use to the reader.
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false, incremental: false },
    files,
    include: [],
    exclude: [],
  }
  writeFileSync(join(MODULES, 'tsconfig.json'), JSON.stringify(config))
  return files.length
}

/** Headings as GitHub makes anchors of them. */
function anchors(text: string): string[] {
  return Array.from(
    text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm),
    ([, title]) =>
      (title ?? '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
  )
}

/** What is wrong with the relative links of a page. */
function brokenLinks(page: string): string[] {
  const text = readFileSync(join(ROOT, page), 'utf8')
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '')
  const targets = Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target ?? '')
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .flatMap((target) => {
      const [path = '', anchor] = target.split('#', 2)
      const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
      const inside = !relative(ROOT, file).startsWith('..')
      if (!inside || !existsSync(file)) return [`${page}: ${target}: no such file`]
      if (anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor)) return []
      return [`${page}: ${target}: no such heading`]
    })
}

describe('the code on the pages', () => {
  afterAll(() => rmSync(MODULES, { recursive: true, force: true }))

  it('type-checks', async () => {
    expect(writeModules()).toBeGreaterThan(0)
    const { ok, output } = await runCommand('tsc', ['-p', join(MODULES, 'tsconfig.json')])
    expect(ok ? '' : output).toBe('')
  })

  it.each(pages(CODE_PAGES).flatMap(programs))('%s: runs where it says so', async (_, code) => {
    const source = ['-C', '@countersign/source', '--input-type=module-typescript', '-e', code]
    expect(await runCommand('node', source)).toMatchObject({ ok: true })
  })

  it('is found block by block, with the line numbers of the page', () => {
    const page =
      'a\n```ts\none\n```\n```ts continued\ntwo\n```\n```sh\nno\n```\n```ts\nthree\n```\n'
    expect(modules(page)).toEqual([
      '\n\none\n\n\ntwo\nexport {}\n',
      '\n\n\n\n\n\n\n\n\n\n\nthree\nexport {}\n',
    ])
  })
})

describe('the links between the pages', () => {
  it.each(pages(LINK_PAGES))('%s: lead somewhere', (page) => {
    expect(brokenLinks(page)).toEqual([])
  })
})
