import { createHook } from 'node:async_hooks'
import { createGuard, generateStoreKey, type GuardOptions } from '@countersign/guard'
import { openText, storeKeyRing } from '@countersign/protocol'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { AUDIENCE, bearer, gate } from './scripted-issuer.ts'
import { startSharing } from './sharing-instances.ts'

const SECOND = 1000

describe('guards that share answers', () => {
  it('ask one question about a token between them [field:60]', async () => {
    const api = await startSharing()
    const [one, other] = [api.instance(), api.instance()]
    expect(await one.ask()).toBe('allowed')
    await api.written()
    api.clock.advance(SECOND)
    expect(await other.guard(bearer('opaque-1'))).toMatchObject({
      allowed: true,
      principal: { clientId: 'billing', scopes: new Set(['orders:read']) },
      token: { id: 'id-1', audience: [AUDIENCE] },
    })
    expect(api.questions()).toHaveLength(1)
    expect(one.told('answer_shared')).toEqual([])
    expect(other.told('answer_shared')).toEqual([
      { type: 'answer_shared', active: true, age: SECOND, issuer: api.origin },
    ])
  })

  it.each<readonly [string, Parameters<Awaited<ReturnType<typeof startSharing>>['instance']>[0]]>([
    ['for another audience', { audience: 'https://invoices.example' }],
    ['for one audience more', { audience: [AUDIENCE, 'https://invoices.example'] }],
    ['as another client', { asking: { clientId: 'invoices-api' } }],
    ['that wants signed answers', { asking: { signed: true } }],
    ['with other keys', { shared: { keys: [generateStoreKey()] } }],
  ])('give none to a guard %s [field:60]', async (_, difference) => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    const stranger = api.instance(difference)
    await stranger.ask()
    expect(api.questions()).toHaveLength(2)
    expect([...stranger.told('answer_shared'), ...stranger.told('sharing_failed')]).toEqual([])
  })

  it('give none to a guard that asks elsewhere, nor to one of another issuer [field:60]', async () => {
    const [api, foreign] = [await startSharing(), await startSharing()]
    await api.instance().ask()
    await api.written()
    const endpoint = `${api.origin}/introspect`
    await api.instance({ asking: { endpoint } }).ask()
    expect(api.questions()).toHaveLength(2)
    const shared = { store: api.store, keys: api.keys }
    await foreign.instance({ shared, now: api.clock.now }).ask()
    expect(foreign.questions()).toHaveLength(1)
  })

  it('judge each by its own rule and its own proof what another was told', async () => {
    const api = await startSharing()
    const [holder, thief] = [proofMint(), proofMint()]
    const cnf = { jkt: holder.thumbprint }
    api.answer(() => Response.json(api.active({ token_type: 'DPoP', cnf })))
    const call = async (
      { guard }: ReturnType<typeof api.instance>,
      key: typeof holder,
      scope: string,
    ): Promise<string> => {
      const dpop = key.proof(`${AUDIENCE}/1`, 'opaque-1', api.clock.now())
      const headers = new Headers({ authorization: 'DPoP opaque-1', dpop })
      const request = { method: 'GET', url: '/orders/1', headers }
      const verdict = await guard(request, { scope: { all: [scope] } })
      return verdict.allowed ? 'allowed' : verdict.reason
    }
    const bound: Partial<GuardOptions> = { dpop: {} }
    expect(await call(api.instance(bound), holder, 'orders:read')).toBe('allowed')
    await api.written()
    const other = api.instance(bound)
    expect(await call(other, thief, 'orders:read')).toBe('dpop_wrong_key')
    expect(await call(other, holder, 'orders:write')).toBe('insufficient_scope')
    expect(await other.ask()).toBe('401 dpop_required')
    expect(await call(other, holder, 'orders:read')).toBe('allowed')
    // One that takes no bound tokens reads the same answer.
    expect(await api.instance().ask()).toBe('401 binding_unsupported')
    expect(api.questions()).toHaveLength(1)
  })

  it('look once however many requests bring a token, and never for what is held', async () => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    const other = api.instance()
    const { opened, open } = gate()
    api.store.before.get = () => opened
    const reads = (): number => api.store.operations.filter((one) => one === 'get').length
    const before = reads()
    const asked = Array.from({ length: 100 }, () => other.ask())
    await api.store.begun('get', before + 1)
    open()
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['allowed']))
    expect(reads()).toBe(before + 1)
    expect(await other.ask()).toBe('allowed')
    expect(reads()).toBe(before + 1)
    expect(other.told('answer_shared')).toHaveLength(1)
    expect(api.questions()).toHaveLength(1)
  })

  it('make no promise more for what is held, with a store or without', async () => {
    const api = await startSharing()
    const alone = createGuard({
      issuer: api.origin,
      audience: AUDIENCE,
      now: api.clock.now,
      introspection: { clientId: 'orders-api', clientSecret: 'MARKER-SECRET' },
    })
    const { guard } = api.instance()
    const request = bearer('opaque-1')
    const promisesOf = async (one: typeof guard): Promise<number> => {
      await one(request)
      let made = 0
      const hook = createHook({
        init(_id, type) {
          if (type === 'PROMISE') made++
        },
      }).enable()
      await one(request)
      hook.disable()
      return made
    }
    await guard(request)
    await api.written()
    const made = await promisesOf(alone)
    expect(made).toBeGreaterThan(0)
    expect(await promisesOf(guard)).toBe(made)
  })

  it('ask once however many requests bring a token that the store does not have', async () => {
    const api = await startSharing()
    const { opened, open } = gate()
    api.store.before.get = () => opened
    const one = api.instance()
    const asked = Array.from({ length: 100 }, () => one.ask())
    await api.store.begun('get', 1)
    open()
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['allowed']))
    expect(api.questions()).toHaveLength(1)
    expect(api.store.operations.filter((each) => each === 'get')).toHaveLength(1)
  })
})

describe('the life of a shared answer', () => {
  it('counts from when the issuer was asked, wherever it is used [std:74] [field:60]', async () => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    api.clock.advance(40 * SECOND)
    const other = api.instance()
    await other.ask()
    api.clock.advance(20 * SECOND - 1)
    expect(await other.ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    api.clock.advance(1)
    await other.ask()
    expect(api.questions()).toHaveLength(2)
  })

  it('is that long also where the store keeps it for longer', async () => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    for (const [key, entry] of api.store.entries) {
      api.store.entries.set(key, { ...entry, until: Infinity })
    }
    api.clock.advance(60 * SECOND)
    await api.instance().ask()
    expect(api.questions()).toHaveLength(2)
  })

  it('ends with the token: in the store, and at each use [field:63]', async () => {
    const api = await startSharing()
    const exp = api.clock.now() / 1000 + 10
    api.answer(() => Response.json(api.active({ exp })))
    await api.instance().ask()
    await api.written()
    expect([...api.store.entries.values()].map(({ ttl }) => ttl)).toEqual([10 * SECOND])
    const other = api.instance({ clockTolerance: 0 })
    expect(await other.ask()).toBe('allowed')
    api.clock.advance(10 * SECOND)
    expect(await other.ask()).toBe('401 expired')

    // A store that keeps it all the same.
    for (const [key, entry] of api.store.entries) {
      api.store.entries.set(key, { ...entry, until: Infinity })
    }
    api.answer(() => Response.json({ active: false }))
    expect(await api.instance({ clockTolerance: 0 }).ask()).toBe('401 inactive')
  })

  it('is judged by nbf, issuer and audience at each use, too', async () => {
    const api = await startSharing()
    const nbf = api.clock.now() / 1000 + 30
    for (const [changed, reason] of [
      [{ nbf }, 'not_yet_valid'],
      [{ iss: 'https://evil.example' }, 'wrong_issuer'],
      [{ aud: 'https://other.example' }, 'wrong_audience'],
    ] as const) {
      api.answer(() => Response.json(api.active(changed)))
      const token = `opaque-${reason}`
      const asked = api.questions().length
      const writes = api.store.entries.size
      expect(await api.instance().ask(token)).toBe(`401 ${reason}`)
      await expect.poll(() => api.store.entries.size).toBe(writes + 1)
      expect(await api.instance().ask(token)).toBe(`401 ${reason}`)
      expect(api.questions()).toHaveLength(asked + 1)
    }
  })

  it('goes by a clock a little ahead, and not by one far ahead', async () => {
    const api = await startSharing()
    const ahead = (by: number) => api.instance({ now: () => api.clock.now() + by })
    await ahead(5000).ask('near')
    await api.written()
    await ahead(5001).ask('far')
    await api.written(2)
    const other = api.instance()
    expect([await other.ask('near'), await other.ask('far')]).toEqual(['allowed', 'allowed'])
    expect(api.questions()).toHaveLength(3)
    expect(other.told('answer_shared')).toMatchObject([{ age: 0 }])
    expect(other.told('sharing_failed')).toMatchObject([
      { operation: 'read', fault: 'clock', retryAt: undefined },
    ])
    // And never for longer than an answer of its own.
    api.clock.advance(60 * SECOND)
    await other.ask('near')
    expect(api.questions()).toHaveLength(4)
  })
})

describe('what is shared', () => {
  it('is nothing of a token that is not active: junk leaves the store as it is [field:64]', async () => {
    const api = await startSharing()
    api.answer(() => Response.json({ active: false }))
    const one = api.instance()
    for (let junk = 0; junk < 20; junk++) await one.ask(`junk-${junk}`)
    expect(api.store.operations).toEqual(Array.from({ length: 20 }, () => 'get'))
    expect(api.store.entries.size).toBe(0)
  })

  it('ends where the issuer says so: no instance takes what it said before', async () => {
    const api = await startSharing()
    const [one, other] = [api.instance(), api.instance()]
    await one.ask()
    await api.written()
    expect(await other.ask()).toBe('allowed')
    api.answer(() => Response.json({ active: false, client_id: 'billing' }))
    api.clock.advance(SECOND)
    expect(await one.ask('opaque-1', 0)).toBe('401 inactive')
    await api.written(2)
    expect(api.questions()).toHaveLength(2)
    const [[name, mark] = []] = api.store.entries
    const ring = await storeKeyRing('f', api.keys, 'answer')()
    const opened = await openText(ring, mark?.value ?? '', name ?? '')
    // Nothing of what else an issuer may say about it.
    expect(opened.ok && JSON.parse(opened.text)).toEqual({
      askedAt: api.clock.now(),
      members: { active: false },
    })
    // One that comes now, and the issuer need not be asked again for as long as such an answer is used.
    const late = api.instance()
    expect(await late.ask()).toBe('401 inactive')
    expect(api.questions()).toHaveLength(2)
    expect(late.told('answer_shared')).toMatchObject([{ active: false, age: 0 }])
    api.clock.advance(5 * SECOND)
    expect(await api.instance().ask()).toBe('401 inactive')
    expect(api.questions()).toHaveLength(3)
  })

  it('ends also where an instance that does not know the answer hears of it', async () => {
    const api = await startSharing()
    await api.instance().ask()
    await api.written()
    api.clock.advance(20 * SECOND)
    api.answer(() => Response.json({ active: false }))
    // It finds an answer that is too old for this route.
    const brief = api.instance({ asking: { maxAge: 20_000 } })
    expect(await brief.ask()).toBe('401 inactive')
    await api.written(2)
    expect(await api.instance().ask()).toBe('401 inactive')
    expect(api.questions()).toHaveLength(2)
  })

  it('ends also where an instance says so that uses answers for less long', async () => {
    const api = await startSharing()
    await api.instance({ asking: { maxAge: 300_000 } }).ask()
    await api.written()
    api.clock.advance(SECOND)
    api.answer(() => Response.json({ active: false }))
    expect(await api.instance({ asking: { maxAge: 20_000 } }).ask('opaque-1', 0)).toBe(
      '401 inactive',
    )
    await api.written(2)
    expect(await api.instance().ask()).toBe('401 inactive')
    expect(api.questions()).toHaveLength(2)
  })

  it('is not brought back by an answer from before that comes late', async () => {
    const api = await startSharing()
    const { opened, open } = gate()
    const [slow, quick] = [api.instance(), api.instance()]
    api.answer(async () => {
      await opened
      return Response.json(api.active())
    })
    const asked = slow.ask()
    await expect.poll(() => api.questions().length).toBe(1)
    api.clock.advance(10)
    api.answer(() => Response.json(api.active()))
    expect(await quick.ask()).toBe('allowed')
    await api.written()
    api.clock.advance(10)
    api.answer(() => Response.json({ active: false }))
    expect(await quick.ask('opaque-1', 0)).toBe('401 inactive')
    await api.written(2)
    api.clock.advance(10)
    open()
    expect(await asked).toBe('allowed')
    await api.written(3)
    expect(await api.instance().ask()).toBe('401 inactive')
    expect(api.questions()).toHaveLength(3)
  })

  it('shows neither tokens nor what they say, in names, values or events', async () => {
    const api = await startSharing()
    const events: unknown[] = []
    api.answer(() =>
      Response.json(api.active({ client_id: 'MARKER-CLIENT', sub: 'MARKER-CLIENT' })),
    )
    for (const token of ['MARKER-TOKEN-1', 'MARKER-TOKEN-2']) {
      const [one, other] = [api.instance(), api.instance()]
      const count = api.store.entries.size
      await one.ask(token)
      await expect.poll(() => api.store.entries.size).toBe(count + 1)
      await other.ask(token)
      events.push(...one.told('introspected'), ...other.told('answer_shared'))
    }
    expect(events).toHaveLength(4)
    const kept = [...api.store.entries].flatMap(([key, { value }]) => [
      key,
      value,
      Buffer.from(value.split('.')[2] ?? '', 'base64url').toString('latin1'),
    ])
    const shown = JSON.stringify([kept, events])
    for (const secret of ['MARKER', 'orders-api', AUDIENCE, 'billing', 'client_id', 'askedAt']) {
      expect(shown).not.toContain(secret)
    }
    // The digest of a token would let it be looked for.
    for (const token of ['MARKER-TOKEN-1', 'MARKER-TOKEN-2']) {
      const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))
      for (const form of ['base64url', 'hex', 'base64'] as const) {
        expect(shown).not.toContain(Buffer.from(bytes).toString(form))
      }
    }
    for (const key of api.store.entries.keys()) expect(key).toMatch(/^[\w-]{43}$/)
  })

  it('is found by every key of a ring, so that keys rotate with no question in vain', async () => {
    const api = await startSharing()
    const [old, fresh] = [generateStoreKey(), generateStoreKey()]
    const withKeys = (...keys: string[]) => api.instance({ shared: { keys } })
    await withKeys(old).ask()
    await api.written()
    expect(await withKeys(fresh, old).ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    // The other way round: one instance is a step ahead.
    await withKeys(fresh, old).ask('opaque-2')
    await api.written(2)
    expect(await withKeys(old, fresh).ask('opaque-2')).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
    // Of two that say the same the newer counts.
    api.clock.advance(SECOND)
    await withKeys(old).ask('opaque-2')
    await api.written(3)
    const both = withKeys(fresh, old)
    await both.ask('opaque-2')
    expect(both.told('answer_shared')).toMatchObject([{ age: 0 }])
    expect(api.questions()).toHaveLength(3)
    // The first key seals.
    const [, second] = [...api.store.entries]
    const [ring] = await storeKeyRing('f', [fresh], 'answer')()
    expect(ring && second && (await openText([ring], second[1].value, second[0])).ok).toBe(true)
    // What ended is found under no name.
    api.answer(() => Response.json({ active: false }))
    api.clock.advance(SECOND)
    expect(await withKeys(fresh, old).ask('opaque-1', 0)).toBe('401 inactive')
    await api.written(5)
    expect(await withKeys(old).ask()).toBe('401 inactive')
    expect(await withKeys(fresh).ask()).toBe('401 inactive')
    expect(api.questions()).toHaveLength(4)
  })
})
