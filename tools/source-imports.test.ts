import { describe, expect, it } from 'vitest'
import { sourceImports } from './source-imports.ts'

describe('sourceImports', () => {
  it.each([
    ["import { a } from 'x'", false],
    ["import { a, type B } from 'x'", false],
    ["import {\n  a,\n  b,\n} from 'x'", false],
    ["import * as a from 'x'", false],
    ["import a from 'x'", false],
    ["import 'x'", false],
    ["import type { A } from 'x'", true],
    ["export * from 'x'", false],
    ["export * as a from 'x'", false],
    ["export {\n  a,\n} from 'x'", false],
    ["export type { A } from 'x'", true],
    ["const a = await import('x')", false],
    ["const a = require('x')", false],
  ])('reads %j', (text, typeOnly) => {
    expect(sourceImports(text)).toEqual([{ specifier: 'x', typeOnly }])
  })

  it('finds each of several', () => {
    const text = "import { a } from 'x'\nimport type { B } from 'y'\nexport const c = a\n"
    expect(sourceImports(text).map((one) => one.specifier)).toEqual(['x', 'y'])
  })

  it.each([
    "/**\n * @example import { a } from 'x'\n * import('x')\n */",
    "// import('x')",
    "export const from = 'x'",
    "const accept = '*/*'",
    "const fs = process.getBuiltinModule('x')",
  ])('finds none in %j', (text) => {
    expect(sourceImports(text)).toEqual([])
  })
})
