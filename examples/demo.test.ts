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

// That it ends with 0 is a step of its own in .ci/run: its outage is timed, and tests run side by side.
describe('the demo', () => {
  it('ends with 1 when a step goes wrong', async () => {
    const { code, text } = await demo('--break', 'tampered-token')
    expect(text).toMatch(/A tampered token\n[^]*FAILED {2}refused with 401: 1 x 200/)
    expect(code).toBe(1)
    // Secrets and tokens are shortened: nothing that works is on the screen.
    expect(text).not.toMatch(/csgn_[0-9A-Za-z]{10}|eyJ[\w-]{20}/)
  }, 60_000)
})
