import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const DEMO = fileURLToPath(new URL('demo/main.ts', import.meta.url))

/** Runs the demo as a process of its own. */
function demo(...words: string[]): Promise<{ readonly code: unknown; readonly text: string }> {
  return new Promise((resolve) => {
    const args = ['--conditions=@countersign/source', DEMO, ...words]
    execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, text: stdout + stderr })
    })
  })
}

describe('the demo', () => {
  it('ends with 0 when every step does what it says', async () => {
    const { code, text } = await demo()
    expect(text).toContain('Every step did what it says')
    expect(code).toBe(0)
    // Secrets and tokens are shortened: nothing that works is on the screen.
    expect(text).not.toMatch(/csgn_[0-9A-Za-z]{10}|eyJ[\w-]{20}/)
  }, 60_000)

  it('ends with 1 when a step goes wrong', async () => {
    const { code, text } = await demo('--break', 'tampered-token')
    expect(text).toContain('FAILED')
    expect(code).toBe(1)
  }, 60_000)
})
