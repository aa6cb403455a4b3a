import { describe, expect, it } from 'vitest'
import { answering, good } from '../../../test/answering-endpoint.ts'
import { currentAndNext } from './current-and-next.ts'
import { fromEnv } from './from-env.ts'

const missing = fromEnv('COUNTERSIGN_TEST_NO_SUCH_VARIABLE')

describe('currentAndNext', () => {
  it('gives the current secret before the next one, each once', async () => {
    const read = async (...secrets: [string, string]) =>
      currentAndNext(
        () => secrets[0],
        async () => secrets[1],
      )()
    expect(await read('one', 'two')).toEqual(['one', 'two'])
    expect(await read('same', 'same')).toEqual(['same'])
  })

  it('goes on with one where the other cannot be read', async () => {
    expect(await currentAndNext(() => 'one', missing)()).toEqual(['one'])
    expect(await currentAndNext(missing, () => 'two')()).toEqual(['two'])
  })

  it('says why the current one could not be read, where neither can', async () => {
    const neither = currentAndNext(missing, () => '')
    await expect(neither()).rejects.toThrow('COUNTERSIGN_TEST_NO_SUCH_VARIABLE is not set')
  })

  it('passes on to both that the server refused what was given', async () => {
    const told: unknown[] = []
    const source = currentAndNext(
      (read) => `${told.push(read)}`,
      (read) => `${told.push(read)}`,
    )
    await source({ reread: true })
    expect(told).toEqual([{ reread: true }, { reread: true }])
  })

  it('fails no exchange, whichever of the two the server takes', async () => {
    const live = new Set(['one'])
    const { source } = await answering(
      (request) => {
        const [, secret = ''] = atob(request.headers.get('authorization')?.slice(6) ?? '').split(
          ':',
        )
        return live.has(secret)
          ? Response.json(good)
          : Response.json({ error: 'invalid_client' }, { status: 401 })
      },
      {
        clientSecret: currentAndNext(
          () => 'one',
          () => 'two',
        ),
      },
    )
    await source()
    live.add('two')
    await source()
    live.delete('one')
    expect((await source()).value).toBe('at-1')
  })

  it('refuses what is no source at once', () => {
    expect(() => currentAndNext(() => 'one', 'two' as never)).toThrow(
      "currentAndNext: 'next' must be a secret source",
    )
  })
})
