import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** What a program that imports this much of the client weighs, bundled, minified and gzipped. */
async function weight(imports: string): Promise<{ readonly bytes: number; readonly text: string }> {
  const { outputFiles } = await build({
    stdin: { contents: `export { ${imports} } from '@countersign/client'`, resolveDir: ROOT },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    conditions: ['@countersign/source'],
    target: 'es2023',
  })
  const text = outputFiles[0]?.text ?? ''
  return { bytes: gzipSync(text, { level: 9 }).length, text }
}

describe('the weight of the client', () => {
  it('stays under its budget, and holds no JWT, DPoP or store code', async () => {
    const { bytes, text } = await weight('createClient, fromEnv')
    console.log(`createClient and fromEnv, minified and gzipped: ${bytes} bytes`)
    expect(bytes).toBeLessThan(16_000)
    expect(text).not.toMatch(/dpop\+jwt|client-assertion-type|AES-GCM/)
  })
})
