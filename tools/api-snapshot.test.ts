import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiSnapshot } from './api-snapshot.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'api-snapshot-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function snapshot(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return apiSnapshot('a package', join(folder, 'index.d.ts'))
}

const INDEX = "export { a, type B } from './a.ts';\n"
const A = `import { type C } from './c.ts';
import type { Parsed } from '@countersign/protocol';
export interface B {
    readonly c: C;
}
/** Says something. */
export declare function a(b: B): Parsed<string>;
export declare function notExported(): void;
//# sourceMappingURL=a.d.ts.map`
const C = 'export type C = 1 | 2;\nexport type Unreached = 3;\n'

describe('apiSnapshot', () => {
  it('gives the exports and every declaration they reach, and no other', () => {
    expect(snapshot({ 'index.d.ts': INDEX, 'a.d.ts': A, 'c.d.ts': C })).toBe(
      [
        '// The public API of a package. Written by: npm run check -- --update',
        "import { Parsed } from '@countersign/protocol'",
        'export {\n  B,\n  a,\n}',
        'interface B {\n    readonly c: C;\n}',
        'type C = 1 | 2;',
        'function a(b: B): Parsed<string>;\n',
      ].join('\n\n'),
    )
  })

  it('changes with a signature that only a private type carries', () => {
    const before = snapshot({ 'index.d.ts': INDEX, 'a.d.ts': A, 'c.d.ts': C })
    expect(snapshot({ 'c.d.ts': C.replace('2', '4') })).not.toBe(before)
  })

  it('does not change with a doc comment, or with what no export reaches', () => {
    const before = snapshot({ 'index.d.ts': INDEX, 'a.d.ts': A, 'c.d.ts': C })
    expect(snapshot({ 'a.d.ts': A.replace('Says something', 'Says it better') })).toBe(before)
    expect(snapshot({ 'c.d.ts': C.replace('3', '4') })).toBe(before)
  })

  it('follows star exports and renames', () => {
    const text = snapshot({
      'index.d.ts': "export * from './c.ts';\nexport { C as Renamed } from './c.ts';\n",
      'c.d.ts': C,
    })
    expect(text).toContain('export {\n  C,\n  Renamed,\n  Unreached,\n}')
    expect(text).toContain('type Unreached = 3;')
  })
})
