/** One import, re-export or dynamic import of a source text. */
export interface SourceImport {
  readonly specifier: string
  /** Whether the whole statement is about types, so that nothing of it is left at run time. */
  readonly typeOnly: boolean
}

/**
 * The imports of a TypeScript source text, in order of kind.
 *
 * Relies on the formatter: statements start at the line's start, so that an example in a doc comment
 * is not taken for an import. `process.getBuiltinModule` is not an import: it asks a runtime at run
 * time, and a runtime without the module still loads the file.
 */
export function sourceImports(text: string): SourceImport[] {
  const imports: SourceImport[] = []
  for (const pattern of [IMPORT, REEXPORT]) {
    for (const [, type, specifier = ''] of text.matchAll(pattern)) {
      imports.push({ specifier, typeOnly: type !== undefined })
    }
  }
  for (const line of text.split('\n')) {
    if (/^\s*(\*|\/\/|\/\*)/.test(line)) continue
    for (const [, specifier = ''] of line.matchAll(DYNAMIC)) {
      imports.push({ specifier, typeOnly: false })
    }
  }
  return imports
}

const IMPORT = /^import\s+(type\s+(?!from\b))?(?:[\w*{][^'";]*?\sfrom\s*)?['"]([^'"]+)['"]/gm
const REEXPORT = /^export\s+(type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*['"]([^'"]+)['"]/gm
const DYNAMIC = /(?<![\w.])(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g
