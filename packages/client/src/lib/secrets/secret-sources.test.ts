import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fromEnv } from './from-env.ts'
import { fromFile } from './from-file.ts'

describe('fromEnv', () => {
  it('reads the variable when asked, not before', () => {
    const source = fromEnv('COUNTERSIGN_TEST_SECRET')
    expect(source).toThrow('environment variable COUNTERSIGN_TEST_SECRET is not set')
    process.env['COUNTERSIGN_TEST_SECRET'] = 'one'
    expect(source()).toBe('one')
    process.env['COUNTERSIGN_TEST_SECRET'] = 'two'
    expect(source()).toBe('two')
    delete process.env['COUNTERSIGN_TEST_SECRET']
  })

  it('refuses a missing name at once', () => {
    expect(() => fromEnv(undefined as never)).toThrow("fromEnv: 'name' is required")
  })
})

describe('fromFile', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('reads the file at each call and drops one line end', async () => {
    const path = join(folder, 'secret')
    const source = fromFile(path)
    await writeFile(path, 'one\n')
    expect(await source()).toBe('one')
    await writeFile(path, 'two \r\n')
    expect(await source()).toBe('two ')
  })

  it.each([
    ['missing', 'ENOENT'],
    ['empty', 'is empty'],
  ])('says what is wrong with a file that is %s', async (name, message) => {
    const path = join(folder, name)
    if (name === 'empty') await writeFile(path, '\n')
    await expect(fromFile(path)()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      message: expect.stringContaining(message),
    })
  })
})
