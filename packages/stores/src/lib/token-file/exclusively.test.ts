import { existsSync, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, describe, it, onTestFinished } from 'vitest'
import { exclusively } from './exclusively.ts'

describe('exclusively', () => {
  it('does not give back the lock of the one who took it away from us', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'a.token')
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    const heldUp = Promise.withResolvers<void>()
    const one = exclusively(path, () => (heldUp.resolve(), first.promise))
    await heldUp.promise
    // As if this process had been suspended for a minute.
    const longAgo = new Date(Date.now() - 60_000)
    utimesSync(`${path}.lock`, longAgo, longAgo)
    const taken = Promise.withResolvers<void>()
    const other = exclusively(path, () => (taken.resolve(), second.promise))
    await taken.promise
    first.resolve()
    await one
    expect(existsSync(`${path}.lock`)).toBe(true)
    second.resolve()
    await other
    expect(existsSync(`${path}.lock`)).toBe(false)
  })
})
