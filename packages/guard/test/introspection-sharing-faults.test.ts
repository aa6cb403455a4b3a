import { createGuard, generateStoreKey } from '@countersign/guard'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { AUDIENCE, gate } from './scripted-issuer.ts'
import { startSharing } from './sharing-instances.ts'

describe('an entry of no use', () => {
  it.each([
    ['is empty', () => '', 'format'],
    ['is no entry', () => '{"active":true}', 'format'],
    ['has another form', (value: string) => value.replace('v1.', 'v0.'), 'format'],
    ['is cut off', (value: string) => shortened(value), 'altered'],
    ['has one letter changed', (value: string) => swapped(value), 'altered'],
    [
      'names another key',
      (value: string) => value.replace(/\.[\w-]{11}\./, '.AAAAAAAAAAA.'),
      'unknown_key',
    ],
    ['is too long', (value: string) => `${value}${'A'.repeat(70_000)}`, 'too_long'],
  ] as const)('is one that %s: none, told, and replaced for all', async (_, change, fault) => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    const [entry] = api.store.entries.values()
    api.store.put(change(entry?.value ?? ''))
    const other = api.instance()
    expect(await other.ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    expect(other.told('sharing_failed')).toEqual([
      { type: 'sharing_failed', operation: 'read', fault, retryAt: undefined, issuer: api.origin },
    ])
    await api.written(2)
    expect(await api.instance().ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
  })

  it('is one that was moved from another token: an answer is good under its own name alone', async () => {
    const api = await startSharing()
    const one = api.instance()
    await one.ask('good')
    await api.written()
    await one.ask('bad')
    await api.written(2)
    const [[, good] = [], [name] = []] = [...api.store.entries]
    if (name === undefined || good === undefined) throw new Error('nothing was written')
    api.store.entries.set(name, good)
    api.answer(() => Response.json({ active: false }))
    const other = api.instance()
    expect(await other.ask('bad')).toBe('401 inactive')
    expect(other.told('sharing_failed')).toMatchObject([{ fault: 'altered' }])
  })
})

describe('a store that fails', () => {
  const faults: readonly (readonly [string, () => never | Promise<never>, string])[] = [
    ['throws', () => raise(), 'store'],
    ['rejects', () => Promise.reject(new Error('MARKER redis://:pass@host')), 'store'],
    ['hangs', () => new Promise<never>(() => {}), 'timeout'],
  ]

  it.each(faults)(
    'because it %s costs a question and no request, and is left alone',
    async (_, fault, told) => {
      const api = await startSharing()
      api.store.before.get = fault
      const one = api.instance({ shared: { timeout: deadlineFor(told) } })
      const asked = await Promise.all(
        Array.from({ length: 50 }, (_each, at) => one.ask(`opaque-${at % 10}`)),
      )
      expect(new Set(asked)).toEqual(new Set(['allowed']))
      expect(api.questions()).toHaveLength(10)
      const retryAt = api.clock.now() + 5000
      // What fails together is one failure.
      expect(one.told('sharing_failed')).toEqual([
        { type: 'sharing_failed', operation: 'read', fault: told, retryAt, issuer: api.origin },
      ])
      expect(JSON.stringify(one.events)).not.toMatch(/MARKER|pass/)
      const { length } = api.store.operations
      for (let at = 10; at < 20; at++) expect(await one.ask(`opaque-${at}`)).toBe('allowed')
      expect(api.store.operations).toHaveLength(length)

      // One tries it after the rest, and the others do not wait for that.
      api.clock.advance(5000)
      const { opened, open } = gate()
      api.store.before.get = () => opened
      const patient = api.instance({ shared: { timeout: 5000 } })
      const trial = one.ask('opaque-20')
      await api.store.begun('get', length + 1)
      expect(await one.ask('opaque-21')).toBe('allowed')
      expect(api.store.operations).toHaveLength(length + 1)
      open()
      expect(await trial).toBe('allowed')
      expect(await patient.ask('opaque-22')).toBe('allowed')
    },
  )

  it('comes back by itself', async () => {
    const api = await startSharing()
    api.store.before.get = raise
    const [one, other] = [api.instance(), api.instance()]
    await one.ask()
    api.store.before = {}
    api.clock.advance(5000)
    await one.ask('opaque-2')
    await api.written()
    expect(await other.ask('opaque-2')).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    // A clock that was set back does not stretch the rest.
    api.store.before.get = raise
    await one.ask('opaque-3')
    api.store.before = {}
    api.clock.advance(-1)
    await one.ask('opaque-4')
    await api.written(2)
    expect(one.told('sharing_failed')).toHaveLength(2)
  })

  it.each(faults)('in writing because it %s holds no verdict up', async (_, fault, told) => {
    const api = await startSharing()
    api.store.before.replaceIfNewer = fault
    const one = api.instance({ shared: { timeout: deadlineFor(told) } })
    expect(await one.ask()).toBe('allowed')
    await expect
      .poll(() => one.told('sharing_failed'))
      .toMatchObject([{ operation: 'write', fault: told }])
    expect(JSON.stringify(one.events)).not.toMatch(/MARKER|pass/)
  })

  it('has no say over an issuer that fails, and what it has serves meanwhile', async () => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    api.answer(() => new Response(null, { status: 500 }))
    const other = api.instance()
    for (let time = 0; time < 3; time++) {
      expect(await other.ask(`opaque-${time + 2}`)).toBe('503 introspection_unavailable')
    }
    // The issuer is left alone by now.
    expect(await other.ask('opaque-5')).toBe('503 introspection_unavailable')
    expect(api.questions()).toHaveLength(4)
    expect(await other.ask()).toBe('allowed')
  })

  it('keeps nothing that is too long, and says so', async () => {
    const api = await startSharing()
    api.answer(() => Response.json(api.active({ more: 'x'.repeat(60_000) })))
    const one = api.instance()
    expect(await one.ask()).toBe('allowed')
    await expect
      .poll(() => one.told('sharing_failed'))
      .toMatchObject([{ operation: 'write', fault: 'too_long', retryAt: undefined }])
    expect(api.store.entries.size).toBe(0)
  })
})

describe('a route that wants to know how old the word of the issuer is', () => {
  const MINUTE = 60_000

  it('takes a shared answer that is new enough, and no older one', async () => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    api.clock.advance(9999)
    expect(await api.instance().ask('opaque-1', 10_000)).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    api.clock.advance(1)
    expect(await api.instance().ask('opaque-1', 10_000)).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    await api.written(2)
    // The newer answer is what the store has now.
    api.clock.advance(9999)
    expect(await api.instance().ask('opaque-1', 10_000)).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    const { length } = api.store.operations
    expect(await api.instance().ask('opaque-1', 0)).toBe('allowed')
    expect(api.questions()).toHaveLength(3)
    // One look for the token itself, none for a word that no store could have, one write.
    await api.written(3)
    expect(api.store.operations.slice(length)).toEqual(['get', 'replaceIfNewer'])
  })

  it('shares the word on JWTs that are sampled, for as long as it is good', async () => {
    const api = await startSharing({ tokens: 'sampled', every: 5 * MINUTE })
    api.answer(() => Response.json({ active: true }))
    const token = api.mint.token()
    expect(await api.instance().ask(token)).toBe('allowed')
    await api.written()
    api.clock.advance(4 * MINUTE)
    const other = api.instance()
    expect(await other.ask(token)).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    api.clock.advance(MINUTE - 1)
    expect(await other.ask(token)).toBe('allowed')
    expect(await api.instance().ask(token, MINUTE)).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    await api.written(2)
    api.clock.advance(1)
    expect(await other.ask(token)).toBe('allowed')
    // Taken from the store once more: another instance has asked a moment ago.
    expect(api.questions()).toHaveLength(2)
    api.answer(() => Response.json({ active: false }))
    expect(await other.ask(token, 0)).toBe('401 inactive')
    await api.written(3)
    expect(await api.instance().ask(token)).toBe('401 inactive')
    expect(api.questions()).toHaveLength(3)
  })

  it('goes by the issuer where it was asked meanwhile, whatever the store says later', async () => {
    const api = await startSharing({ tokens: 'sampled' })
    api.answer(() => Response.json({ active: true }))
    const token = api.mint.token()
    await api.instance().ask(token)
    await api.written()
    const other = api.instance()
    const { opened, open } = gate()
    api.store.before.get = () => opened
    const early = other.ask(token, MINUTE)
    await api.store.begun('get', 2)
    api.answer(() => Response.json({ active: false }))
    api.clock.advance(10)
    expect(await other.ask(token, 0)).toBe('401 inactive')
    open()
    expect(await early).toBe('401 inactive')
    expect(other.told('answer_shared')).toEqual([])
    expect(api.questions()).toHaveLength(2)
  })

  it('joins a question under way, and does not look', async () => {
    const api = await startSharing({ tokens: 'sampled' })
    const { opened, open } = gate()
    api.answer(async () => {
      await opened
      return Response.json({ active: true })
    })
    const token = api.mint.token()
    const one = api.instance()
    const first = one.ask(token, 0)
    await expect.poll(() => api.questions().length).toBe(1)
    const second = one.ask(token, MINUTE)
    // Far enough for a look to have been begun.
    await new Promise(setImmediate)
    open()
    expect(await Promise.all([first, second])).toEqual(['allowed', 'allowed'])
    await api.written()
    expect(api.store.operations).toEqual(['replaceIfNewer'])
    expect(api.questions()).toHaveLength(1)
  })
})

describe('where requests must not wait for each other', () => {
  it('each looks and asks for itself, and the write is handed over', async () => {
    vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' })
    onTestFinished(() => void vi.unstubAllGlobals())
    const api = await startSharing()
    const handed: Promise<unknown>[] = []
    const one = api.instance({
      asking: { endpoint: `${api.origin}/introspect` },
      waitUntil: (work) => void handed.push(work),
    })
    api.store.before.replaceIfNewer = () => new Promise(() => {})
    const { opened, open } = gate()
    api.store.before.get = () => opened
    const asked = [one.ask(), one.ask()]
    await api.store.begun('get', 2)
    open()
    expect(await Promise.all(asked)).toEqual(['allowed', 'allowed'])
    expect(handed).toHaveLength(2)
    // The verdict came while the writes were under way.
    await api.store.begun('replaceIfNewer', 2)
    expect(api.store.entries.size).toBe(0)
  })

  it('the write goes on where the platform refuses it', async () => {
    const api = await startSharing()
    const one = api.instance({
      waitUntil() {
        throw new Error('not in a request')
      },
    })
    expect(await one.ask()).toBe('allowed')
    await api.written()
    expect(await api.instance().ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
  })
})

describe('the limit to the questions of a caller', () => {
  it('is not drawn from by what another instance was told', async () => {
    const api = await startSharing()
    await api.instance().ask('good')
    await api.written()
    let drawn = 0
    const strict = api.instance({ asking: { mayAsk: () => ++drawn > 5 } })
    expect(await strict.ask('good')).toBe('allowed')
    expect(drawn).toBe(0)
    expect(await strict.ask('junk')).toBe('503 introspection_limited')
    expect(drawn).toBe(1)
  })
})

describe('options of sharing', () => {
  const good = {
    store: { get: async () => undefined, replaceIfNewer: async () => true },
    keys: [generateStoreKey()],
  }

  it.each([
    ['no store', { store: undefined }, 'store'],
    ['a store that is none', { store: { get: good.store.get } }, 'store'],
    ['no keys', { keys: undefined }, 'keys'],
    ['a short key', { keys: ['MARKER'] }, 'keys[0]'],
    ['a deadline of nothing', { timeout: 0 }, 'timeout'],
    ['a deadline without end', { timeout: 5001 }, 'timeout'],
    ['an unknown name', { key: 'MARKER' }, 'key'],
  ])('are refused at once: %s', (_, changed, option) => {
    const shared = { ...good, ...changed } as unknown as typeof good
    let thrown: unknown
    try {
      make({ shared })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toMatchObject({
      name: 'ArgumentError',
      option: `introspection.shared.${option}`,
    })
    expect(String((thrown as Error).message)).not.toContain('MARKER')
  })

  it('are refused where no answer is used twice', () => {
    expect(() => make({ shared: good, maxAge: 0 })).toThrow("'maxAge' above 0")
    expect(make({ shared: good })).toBeTypeOf('function')
  })

  function make(more: object) {
    return createGuard({
      issuer: 'https://as.example',
      audience: AUDIENCE,
      introspection: { clientId: 'a', clientSecret: 'b', ...more },
    })
  }
})

/** Passes only where it must: what fails at once has the time that a busy machine takes. */
function deadlineFor(fault: string): number {
  return fault === 'timeout' ? 250 : 5000
}

function raise(): never {
  throw new Error('MARKER driver error')
}

/** With one letter changed in the middle, where it is part of the sealed text. */
function swapped(value: string): string {
  const at = value.length - 40
  return `${value.slice(0, at)}${value[at] === 'A' ? 'B' : 'A'}${value.slice(at + 1)}`
}

/** Without the last part of the sealed text, in whole groups of letters. */
function shortened(value: string): string {
  const [version, id, text = ''] = value.split('.')
  return `${version}.${id}.${text.slice(0, Math.floor(text.length / 8) * 4)}`
}
