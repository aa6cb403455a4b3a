import type { GuardRequest } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { startListener } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startAsking } from './asking-guard.ts'
import { bearer, gate } from './scripted-issuer.ts'

const JUNK = 'Bearer junk-'

/** Lets each address ask so often, as somebody's own limiter would. */
function limitOf(count: number) {
  const asked = new Map<string, number>()
  const mayAsk = ({ headers, socket }: GuardRequest): boolean => {
    // Behind a proxy of the test: addresses of strangers.
    const caller = headers.get('x-caller') ?? socket?.remoteAddress ?? ''
    const before = asked.get(caller) ?? 0
    asked.set(caller, before + 1)
    return before < count
  }
  return { mayAsk, asked }
}

describe('a limit to the questions of a caller', () => {
  it('refuses the junk of one without a question, and takes nothing from another, over a socket', async () => {
    const { mayAsk, asked } = limitOf(3)
    const { answer, active, questions, guard, events } = await startAsking({ mayAsk })
    answer(({ body }) =>
      Response.json(body.includes('junk') ? { active: false } : active({ jti: 'good' })),
    )
    const api = await startListener(guarded(guard, {}, (_, response) => void response.end('ok')))
    onTestFinished(() => api.close())
    const call = async (authorization: string, caller: string): Promise<string> => {
      const headers = { authorization, 'x-caller': caller }
      const { status, headers: fields } = await fetch(api.origin, { headers })
      return `${status} ${fields.get('retry-after') ?? 'never'}`
    }
    for (let at = 0; at < 3; at++) expect(await call(`${JUNK}${at}`, 'noisy')).toBe('401 never')
    for (let at = 3; at < 50; at++) expect(await call(`${JUNK}${at}`, 'noisy')).toBe('503 1')
    expect(questions()).toHaveLength(3)
    expect(events.at(-1)).toMatchObject({ type: 'denied', reason: 'introspection_limited' })
    expect(await call('Bearer good', 'honest')).toBe('200 never')
    // What is held costs no question, whoever brings it.
    expect(await call('Bearer good', 'noisy')).toBe('200 never')
    expect(await call(`${JUNK}1`, 'noisy')).toBe('401 never')
    expect(questions()).toHaveLength(4)
    expect(asked.get('honest')).toBe(1)
    // Nothing is remembered of a token that was not asked about.
    expect(await call(`${JUNK}40`, 'other')).toBe('401 never')
  })

  it('is not drawn from by those who join a question under way', async () => {
    const { mayAsk, asked } = limitOf(1)
    const { answer, active, ask, questions } = await startAsking({ mayAsk })
    const [come, held] = [gate(), gate()]
    answer(async () => {
      come.open()
      await held.opened
      return Response.json(active())
    })
    const first = ask('one')
    await come.opened
    const others = Array.from({ length: 20 }, () => ask('one'))
    const stranger = ask('two')
    held.open()
    expect(new Set(await Promise.all([first, ...others]))).toEqual(new Set(['allowed']))
    expect(await stranger).toBe('503 introspection_limited')
    expect([questions().length, asked.get('')]).toEqual([1, 2])
  })

  it('is the limit of explain, too, which says what the caller gets and asks no more than that', async () => {
    const { mayAsk, asked } = limitOf(3)
    const { answer, active, questions, guard, ask } = await startAsking({ mayAsk })
    const reasonOf = async (token: string): Promise<string> => {
      const { allowed, checks } = await guard.explain(bearer(token))
      const failed = checks.find(({ outcome }) => outcome === 'failed')
      return allowed || failed?.outcome !== 'failed' ? 'allowed' : failed.reason
    }
    // It draws one where it asks, and leaves what it heard to the request: that draws none.
    expect(await reasonOf('good')).toBe('allowed')
    expect([asked.get(''), questions().length]).toEqual([1, 1])
    expect(await ask('good')).toBe('allowed')
    expect(await reasonOf('good')).toBe('allowed')
    expect([asked.get(''), questions().length]).toEqual([1, 1])

    answer(({ body }) => Response.json(body.includes('junk') ? { active: false } : active()))
    for (let at = 0; at < 50; at++) {
      expect(await reasonOf(`junk-${at}`)).toBe(at < 2 ? 'inactive' : 'introspection_limited')
    }
    expect(questions()).toHaveLength(3)
    // The same as the request is told.
    expect(await ask('other')).toBe('503 introspection_limited')
    expect(await reasonOf('other')).toBe('introspection_limited')
    expect(questions()).toHaveLength(3)
  })

  it('is for tokens that nobody has vouched for: all JWTs where they are asked about, sampled ones never', async () => {
    const none = { mayAsk: () => false }
    const all = await startAsking({ ...none, tokens: 'all' })
    expect(await all.ask(all.mint.token())).toBe('503 introspection_limited')
    const sampled = await startAsking({ ...none, tokens: 'sampled' })
    sampled.answer(() => Response.json({ active: true }))
    expect(await sampled.ask(sampled.mint.token())).toBe('allowed')
    expect(await sampled.ask('opaque')).toBe('503 introspection_limited')
    expect(sampled.questions()).toHaveLength(1)
  })

  it.each<readonly [string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('MARKER')
      },
    ],
    ['promises', () => Promise.resolve(true)],
    ['says neither', () => 'yes'],
  ])('lets nobody ask that %s', async (_, mayAsk) => {
    const { guard, questions, events } = await startAsking({ mayAsk: mayAsk as () => boolean })
    expect(await guard(bearer('opaque'))).toMatchObject({
      status: 503,
      reason: 'introspection_limited',
      retryAfter: 1,
      challenge: undefined,
    })
    expect(questions()).toEqual([])
    expect(JSON.stringify(events)).not.toContain('MARKER')
  })

  it('is refused at once where it is no function', async () => {
    await expect(startAsking({ mayAsk: 5 as never })).rejects.toMatchObject({
      name: 'ArgumentError',
      option: 'introspection.mayAsk',
    })
  })
})
