import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A name and the module it comes from: a file of the package, or the name of another package. */
export interface DeclarationLink {
  readonly from: string
  readonly name: string
}

/** A declaration file that `tsc` wrote, taken apart. */
export interface DeclarationModule {
  /** The text of each top-level declaration, overloads together. */
  readonly declared: ReadonlyMap<string, string>
  /** What imports and re-exports bring in, by the name it has here. */
  readonly links: ReadonlyMap<string, DeclarationLink>
  /** Names that the module exports; types apart where the export says so. */
  readonly exported: readonly string[]
}

/**
 * Reads a declaration file. Comments are dropped: a better sentence is no change of an API.
 *
 * Relies on how `tsc` prints: a top-level statement starts at the line's start, and what it holds
 * is indented. A file that is not there has nothing.
 */
export function readDeclarationModule(file: string): DeclarationModule {
  const declared = new Map<string, string>()
  const links = new Map<string, DeclarationLink>()
  const exported: string[] = []
  for (const statement of statements(file)) {
    const list = /^(import|export)\s+(?:type\s+)?\{([^}]*)\}(?:\s*from\s*['"]([^'"]+)['"])?/.exec(
      statement,
    )
    if (list !== null) {
      const [, keyword, items = '', specifier] = list
      const from = specifier === undefined ? file : resolve(file, specifier)
      for (const [, original = '', alias = original] of items.matchAll(ITEM)) {
        if (from !== file || alias !== original) links.set(alias, { from, name: original })
        if (keyword === 'export') exported.push(alias)
      }
      continue
    }
    const star = /^export\s+\*\s+from\s*['"]([^'"]+)['"]/.exec(statement)
    if (star !== null) {
      const from = resolve(file, star[1] ?? '')
      for (const name of readDeclarationModule(from).exported) {
        links.set(name, { from, name })
        exported.push(name)
      }
      continue
    }
    const [, keyword, name] = DECLARATION.exec(statement) ?? []
    if (name === undefined) continue
    const earlier = declared.get(name)
    declared.set(name, earlier === undefined ? statement : `${earlier}\n${statement}`)
    if (keyword !== undefined && !exported.includes(name)) exported.push(name)
  }
  return { declared, links, exported }
}

const ITEM = /(?:type\s+)?([\w$]+)(?:\s+as\s+([\w$]+))?\s*(?:,|$)/g
const DECLARATION =
  /^(export\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(?:const\s+enum|const|let|var|function|class|interface|type|enum|namespace)\s+([\w$]+)/

function statements(file: string): string[] {
  if (!existsSync(file)) return []
  const text = readFileSync(file, 'utf8')
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\/\/.*$/gm, '')
    .replaceAll(/^\s*\n/gm, '')
  return text
    .split(/\n(?=[A-Za-z])/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/** Declaration files keep the `.ts` of the sources in what they import. */
function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.')
    ? join(dirname(file), specifier.replace(/\.(?:d\.)?[jt]s$/, '.d.ts'))
    : specifier
}
