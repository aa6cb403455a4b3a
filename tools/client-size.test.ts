import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { rolldown, type Plugin } from 'rolldown'
import { describe, expect, it } from 'vitest'

/** In bytes. The goal is 8,000: what is over it is checks of options and messages that name a cure. */
const BUDGET = 15_700

const ROOT = join(import.meta.dirname, '..')

/** What a program that imports this much of the client weighs, bundled, minified and gzipped. */
async function weight(imports: string): Promise<{ readonly bytes: number; readonly text: string }> {
  const bundle = await rolldown({
    input: 'program',
    platform: 'neutral',
    resolve: { conditionNames: ['@countersign/source', 'import'] },
    plugins: [program(`export { ${imports} } from '@countersign/client'`)],
  })
  const { output } = await bundle.generate({ format: 'esm', minify: true })
  await bundle.close()
  const text = output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('')
  return { bytes: gzipSync(text, { level: 9 }).length, text }
}

/** A program that is not in a file. */
function program(code: string): Plugin {
  const id = join(ROOT, 'tools', 'program.ts')
  return {
    name: 'program',
    resolveId: (source) => (source === 'program' ? id : null),
    load: (source) => (source === id ? code : null),
  }
}

describe('the weight of the client', () => {
  it('stays under its budget, and holds no JWT, DPoP or store code', async () => {
    const { bytes, text } = await weight('createClient, fromEnv')
    console.log(`createClient and fromEnv, minified and gzipped: ${bytes} bytes`)
    expect(bytes).toBeLessThan(BUDGET)
    expect(text).not.toMatch(/dpop\+jwt|client-assertion-type|AES-GCM/)
  })
})
