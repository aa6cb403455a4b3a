import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasProgram } from './servers/machine.ts'

const UNIT = join(import.meta.dirname, '..', 'deploy', 'countersign.service')
const canRun = hasProgram('systemd-analyze')

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-unit-'))
  file = join(folder, 'countersign.service')
  // The command need not be installed here, and systemd looks for it.
  const unit = readFileSync(UNIT, 'utf8').replace('/usr/local/bin/countersign', process.execPath)
  writeFileSync(file, unit)
})
afterAll(() => rmSync(folder, { recursive: true }))

function analyze(...args: readonly string[]): { readonly status: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', args, { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

describe.skipIf(!canRun)('deploy/countersign.service', () => {
  it('is understood by systemd, every line of it', () => {
    expect(analyze('verify', file)).toEqual({ status: 0, text: '' })
  })

  it('leaves the server few rights: an exposure of 1.3 at most', () => {
    const { status, text } = analyze('security', '--offline=true', '--threshold=13', file)
    expect([status, text]).toEqual([0, expect.stringContaining('Overall exposure level')])
  })
})
