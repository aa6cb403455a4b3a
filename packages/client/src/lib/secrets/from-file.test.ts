import { mkdir, mkdtemp, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { answering, good } from '../../../test/answering-endpoint.ts'
import { fromFile } from './from-file.ts'

/** A token endpoint that takes one secret, and a source that reads it from `file`. */
async function taking(file: string, live: () => string) {
  return answering(
    (request) =>
      request.headers.get('authorization') === `Basic ${btoa(`billing:${live()}`)}`
        ? Response.json(good)
        : Response.json({ error: 'invalid_client' }, { status: 401 }),
    { clientSecret: fromFile(file) },
  )
}

describe('a secret file that is replaced', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'countersign-'))
    onTestFinished(() => rm(folder, { recursive: true }))
  })

  it('is used in its new state from the next exchange on', async () => {
    const file = join(folder, 'secret')
    await writeFile(file, 'one\n')
    let live = 'one'
    const { source, endpoint } = await taking(file, () => live)
    await source()
    await writeFile(join(folder, 'secret.tmp'), 'two\n')
    await rename(join(folder, 'secret.tmp'), file)
    live = 'two'
    await source()
    expect(endpoint.requests).toHaveLength(2)
  })

  it('may be a Kubernetes mount, where a link called ..data moves to another folder', async () => {
    await mkdir(join(folder, '..2026_01'))
    await writeFile(join(folder, '..2026_01', 'client-secret'), 'one')
    await symlink('..2026_01', join(folder, '..data'))
    const file = join(folder, 'client-secret')
    await symlink(join('..data', 'client-secret'), file)
    let live = 'one'
    const { source, endpoint } = await taking(file, () => live)
    await source()

    await mkdir(join(folder, '..2026_02'))
    await writeFile(join(folder, '..2026_02', 'client-secret'), 'two')
    await symlink('..2026_02', join(folder, '..data_tmp'))
    await rename(join(folder, '..data_tmp'), join(folder, '..data'))
    await rm(join(folder, '..2026_01'), { recursive: true })
    expect(await readlink(file)).toBe(join('..data', 'client-secret'))
    live = 'two'
    await source()
    expect(endpoint.requests).toHaveLength(2)
  })

  it('is read once more when the server refuses it: it may have moved in between', async () => {
    const file = join(folder, 'secret')
    await writeFile(file, 'one')
    const { source, endpoint } = await answering(
      async (request) => {
        if (request.headers.get('authorization') === `Basic ${btoa('billing:two')}`) {
          return Response.json(good)
        }
        await writeFile(file, 'two')
        return Response.json({ error: 'invalid_client' }, { status: 401 })
      },
      { clientSecret: fromFile(file) },
    )
    expect((await source()).value).toBe('at-1')
    expect(endpoint.requests).toHaveLength(2)
  })
})
