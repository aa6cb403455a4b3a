import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const files = globSync('{packages,tools,bench,examples,interop}/**/*.{ts,js}', {
  cwd: ROOT,
  exclude: (name) => ['node_modules', 'dist', 'api'].includes(basename(name)),
})
const lengths = files.map((file) => ({
  file,
  lines: readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1,
}))

describe('the files of this repository', () => {
  it('have at most 400 lines each', () => {
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([])
  })

  it('have a median length under 120 lines', () => {
    const sorted = lengths.map(({ lines }) => lines).toSorted((a, b) => a - b)
    expect(sorted.length).toBeGreaterThan(20)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(120)
  })

  it('are named for what they hold', () => {
    const vague = /^(utils?|helpers?|common|manager|types|misc|shared)\.(test\.)?[jt]s$/
    expect(files.filter((file) => vague.test(basename(file)))).toEqual([])
  })
})
