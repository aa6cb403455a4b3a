import { describe, expect, it } from 'vitest'
import { cachedSecret } from '../secrets/cached-secret.ts'
import { answering, client, good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from './client-credentials.ts'

/** A token endpoint that takes these secrets, and says what it was shown. */
function taking(valid: () => readonly string[]) {
  const shown: string[] = []
  const handler = (request: Request) => {
    const secret = atob(request.headers.get('authorization')?.slice(6) ?? '').split(':')[1] ?? ''
    shown.push(secret)
    return valid().includes(secret)
      ? Response.json(good)
      : Response.json({ error: 'invalid_client' }, { status: 401 })
  }
  return { shown, handler }
}

describe('a client secret that is rotated', () => {
  it('is read again once when it is refused: no call fails when the file changed first', async () => {
    const { handler, shown } = taking(() => ['new'])
    const answers = ['old', 'new']
    const { source } = await answering(handler, { clientSecret: () => answers.shift() ?? 'new' })
    expect((await source()).value).toBe('at-1')
    expect(shown).toEqual(['old', 'new'])
  })

  it('is not tried again when it is the same: two requests at most would be one too many', async () => {
    const { handler, shown } = taking(() => ['other'])
    const { source } = await answering(handler, { clientSecret: 'old' })
    await expect(source()).rejects.toMatchObject({ oauth: { error: 'invalid_client' } })
    expect(shown).toEqual(['old'])
  })

  it('has its other live secrets tried in turn, once each, the first one first', async () => {
    const { handler, shown } = taking(() => ['next'])
    const { source } = await answering(handler, { clientSecret: () => ['current', 'next'] })
    expect((await source()).value).toBe('at-1')
    expect(shown).toEqual(['current', 'next'])
    const none = taking(() => [])
    const hopeless = await answering(none.handler, { clientSecret: () => ['one', 'two'] })
    await expect(hopeless.source()).rejects.toMatchObject({ oauth: { error: 'invalid_client' } })
    expect(none.shown).toEqual(['one', 'two'])
  })

  it('is asked of its manager again when what was kept of it is refused', async () => {
    const { handler, shown } = taking(() => ['new'])
    const answers = ['old', 'new']
    let reads = 0
    const manager = cachedSecret(() => answers[reads++] ?? 'new', { for: 3_600_000 })
    const { source } = await answering(handler, { clientSecret: manager })
    expect((await source()).value).toBe('at-1')
    expect(shown).toEqual(['old', 'new'])
    expect(reads).toBe(2)
  })

  it("comes to an end where a method of the caller's own has another proof each time", async () => {
    const { handler, shown } = taking(() => [])
    let made = 0
    const { clientSecret: _, ...rest } = client
    const endpoint = await server(handler)
    const source = clientCredentials({
      ...rest,
      tokenEndpoint: endpoint.origin,
      clientAuthentication: {
        method: 'own',
        authenticate: async () => ({
          headers: { authorization: `Basic ${btoa(`billing:${++made}`)}` },
          parameters: [],
        }),
        fingerprint: async () => 'own',
      },
    })
    await expect(source()).rejects.toMatchObject({ oauth: { error: 'invalid_client' } })
    expect(shown).toHaveLength(8)
  })

  it('is not tried again after other refusals', async () => {
    const { source, endpoint } = await answering(
      () => Response.json({ error: 'invalid_scope' }, { status: 400 }),
      { ...client, clientSecret: () => ['one', 'two'] },
    )
    await expect(source()).rejects.toMatchObject({ oauth: { error: 'invalid_scope' } })
    expect(endpoint.requests).toHaveLength(1)
  })
})
