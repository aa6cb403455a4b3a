import {
  readDeclarationModule,
  type DeclarationLink,
  type DeclarationModule,
} from './declaration-module.ts'

/**
 * The public surface of an entry as one text: its exports and every declaration they can reach.
 *
 * Declarations are sorted by name, so that moving one between files is no change of the API. What
 * comes from another package is named, not followed: that package has a snapshot of its own.
 */
export function apiSnapshot(title: string, entry: string): string {
  const modules = new Map<string, DeclarationModule>()
  const read = (file: string): DeclarationModule => {
    const known = modules.get(file) ?? readDeclarationModule(file)
    modules.set(file, known)
    return known
  }
  const exported = read(entry).exported.toSorted()
  const texts = new Map<string, string>()
  const foreign = new Set<string>()
  const queue: DeclarationLink[] = exported.map((name) => ({ from: entry, name }))
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { from, name } = next
    const module = read(from)
    const text = module.declared.get(name)
    const link = module.links.get(name)
    if (text === undefined) {
      if (link === undefined) continue
      if (link.from.endsWith('.d.ts')) queue.push(link)
      else foreign.add(`import { ${link.name} } from '${link.from}'`)
      continue
    }
    // The file is part of the key: two files may each have a private declaration of one name.
    const key = `${name}\n${from}`
    if (texts.has(key)) continue
    texts.set(key, text)
    for (const [word] of text.matchAll(/[A-Za-z_$][\w$]*/g)) {
      if (word !== name) queue.push({ from, name: word })
    }
  }
  const declarations = [...texts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  return [
    `// The public API of ${title}. Written by: npm run check -- --update`,
    ...(foreign.size === 0 ? [] : [[...foreign].toSorted().join('\n')]),
    `export {\n${exported.map((name) => `  ${name},\n`).join('')}}`,
    ...declarations.map((text) => text.replaceAll(/^export (declare )?|^declare /gm, '')),
  ]
    .join('\n\n')
    .concat('\n')
}
