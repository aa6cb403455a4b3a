import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The one block of a language in a page of `docs/`, with the addresses and paths of a test in place of a
 * host's. Throws for a replacement that finds nothing: the page has changed, and the test must too.
 */
export function documentedConfig(
  page: string,
  language: string,
  replacements: Readonly<Record<string, string>>,
): string {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', page), 'utf8')
  const blocks = text.split(`\n\`\`\`${language}\n`).slice(1)
  const [block = ''] = blocks[0]?.split('\n```') ?? []
  if (blocks.length !== 1) throw new Error(`${page} has ${blocks.length} blocks of ${language}`)
  let config = block
  for (const [from, to] of Object.entries(replacements)) {
    if (!config.includes(from)) throw new Error(`${page}: there is no ${from} in it`)
    config = config.replaceAll(from, to)
  }
  return config
}
