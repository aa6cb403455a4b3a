import { handClock } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { answering, good } from '../../../test/answering-endpoint.ts'
import type { ClientAuthentication } from '../client-authentication/client-authentication.ts'
import { cachedSecret } from './cached-secret.ts'
import { readSecrets, type SecretSource } from './secret-source.ts'

function counting(secret: () => string) {
  const clock = handClock()
  const reads: unknown[] = []
  const cached = cachedSecret(
    async (read) => {
      reads.push(read)
      return secret()
    },
    { for: 60_000, staleFor: 120_000, now: clock.now },
  )
  return { clock, reads, cached }
}

describe('cachedSecret', () => {
  it('asks its source when the secret is older than `for`, and not before', async () => {
    let secret = 'one'
    const { cached, clock, reads } = counting(() => secret)
    await cached()
    secret = 'two'
    clock.advance(59_999)
    expect(await cached()).toEqual(['one'])
    clock.advance(1)
    expect(await cached()).toEqual(['two'])
    expect(reads).toHaveLength(2)
  })

  it('shares one reading among callers of one moment', async () => {
    const { cached, reads } = counting(() => 'one')
    await Promise.all(Array.from({ length: 100 }, async () => cached()))
    expect(reads).toHaveLength(1)
  })

  it('reads afresh what the server refused, however young it is, and tells its source so', async () => {
    let secret = 'old'
    const { cached, reads } = counting(() => secret)
    await cached()
    secret = 'new'
    const answers = await Promise.all([cached({ reread: true }), cached({ reread: true })])
    expect(answers).toEqual([['new'], ['new']])
    expect(await cached()).toEqual(['new'])
    expect(reads).toEqual([{ reread: false }, { reread: true }])
  })

  it('reads afresh what was refused while another reading is under way, and keeps the later one', async () => {
    const answers: ((secret: string) => void)[] = []
    const cached = cachedSecret(() => new Promise((resolve) => answers.push(resolve)), {
      for: 60_000,
    })
    const ahead = cached()
    const afresh = cached({ reread: true })
    answers[1]?.('new')
    expect(await afresh).toEqual(['new'])
    answers[0]?.('old')
    expect(await ahead).toEqual(['old'])
    expect(await cached()).toEqual(['new'])
  })

  it('keeps nothing for longer because the clock was set back', async () => {
    const { cached, clock, reads } = counting(() => 'one')
    await cached()
    clock.advance(-8 * 3_600_000)
    await cached()
    expect(reads).toHaveLength(2)
  })

  it('serves what it kept while its source fails, for `staleFor` and no longer', async () => {
    let down = false
    const { cached, clock } = counting(() => {
      if (down) throw new Error('down')
      return 'one'
    })
    await cached()
    down = true
    clock.advance(60_000)
    expect(await cached()).toEqual(['one'])
    expect(await cached({ reread: true })).toEqual(['one'])
    clock.advance(119_999)
    expect(await cached()).toEqual(['one'])
    clock.advance(1)
    await expect(cached()).rejects.toMatchObject({ code: 'ERR_CREDENTIAL' })
    down = false
    expect(await cached()).toEqual(['one'])
  })

  it('remembers no failure', async () => {
    let down = true
    const { cached } = counting(() => {
      if (down) throw new Error('down')
      return 'one'
    })
    await expect(cached()).rejects.toMatchObject({ code: 'ERR_CREDENTIAL' })
    down = false
    expect(await cached()).toEqual(['one'])
  })

  it('costs an exchange no failure when the secret was rotated a moment ago', async () => {
    let live = 'old'
    const kept = cachedSecret(() => live, { for: 3_600_000 })
    const { source, endpoint } = await answering(
      (request) =>
        request.headers.get('x-secret') === live
          ? Response.json(good)
          : Response.json({ error: 'invalid_client' }, { status: 401 }),
      { clientSecret: undefined, clientAuthentication: inHeader(kept) } as never,
    )
    await source()
    live = 'new'
    expect((await source()).value).toBe('at-1')
    expect(endpoint.requests.map(({ headers }) => headers.get('x-secret'))).toEqual([
      'old',
      'old',
      'new',
    ])
  })

  it.each([
    [undefined, 'options'],
    [{}, 'for'],
    [{ for: 0 }, 'for'],
    [{ for: 1000, staleFor: -1 }, 'staleFor'],
    [{ for: 1000, ttl: 1 }, 'ttl'],
  ])('refuses %j', (options, option) => {
    expect(() => cachedSecret(() => 'x', options as never)).toThrow(
      expect.objectContaining({ option }),
    )
  })
})

/** The least method there is: it tells its source when the server has refused what it gave. */
function inHeader(source: SecretSource): ClientAuthentication {
  return {
    method: 'in_header',
    async authenticate(_, refused) {
      const [secret = ''] = await readSecrets(source, { reread: refused.length > 0 })
      const known = refused.some(({ headers }) => headers['x-secret'] === secret)
      return known ? undefined : { headers: { 'x-secret': secret }, parameters: [] }
    },
    fingerprint: async () => 'fingerprint',
  }
}
