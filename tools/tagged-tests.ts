/** Finds tests by the tags in their titles, such as `[std:12]` or `[std:12, 14]`. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** The test files that carry each number of a tag, as paths from the root. */
export function taggedTests(tag: 'std' | 'field'): ReadonlyMap<number, readonly string[]> {
  const tests = new Map<number, string[]>()
  const titles = new RegExp(String.raw`\[${tag}:([\d, ]+)\]`, 'g')
  for (const file of testFiles()) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    for (const [, numbers = ''] of text.matchAll(titles)) {
      for (const number of numbers.split(',').map(Number)) {
        const files = tests.get(number) ?? []
        if (!files.includes(file)) tests.set(number, [...files, file])
      }
    }
  }
  return tests
}

/** Links to test files, for a page that is so many folders below the root. */
export function testLinks(files: readonly string[], depth: number): string {
  return files.map((file) => `[${nameOf(file)}](${'../'.repeat(depth)}${file})`).join(', ')
}

function nameOf(file: string): string {
  return file
    .replace(/^packages\//, '')
    .replace(/\/(?:src\/lib|src|test)\//, ': ')
    .replace(/\.test\.ts$/, '')
}

function testFiles(): readonly string[] {
  return globSync('{packages,interop,examples,runtime-tests}/**/*.ts', {
    cwd: ROOT,
    exclude: (path) => path.includes('node_modules') || path.includes('dist'),
  }).toSorted()
}
