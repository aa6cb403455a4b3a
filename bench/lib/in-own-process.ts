import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { SuiteResult } from './report.ts'

/**
 * Runs one suite of this bench in a process of its own: what the engine has learnt from the suites before
 * makes the figures of the next one those of no program that anybody runs. Throws where it fails.
 */
export async function inOwnProcess(name: string, quick: boolean): Promise<readonly SuiteResult[]> {
  const [, script = ''] = process.argv
  const args = ['--only', name, '--json', ...(quick ? ['--quick'] : [])]
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code !== 0) throw new Error(`the suite ${name} ended with ${code}`)
  // JSON has no word for a figure that could not be had.
  const { results } = JSON.parse(said, (_, value: unknown) => value ?? NaN) as {
    readonly results: readonly SuiteResult[]
  }
  return results
}
