import { createGuard } from '@countersign/guard'
import { parseForm, singleParameter } from '@countersign/protocol'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startAsking } from './asking-guard.ts'
import { AUDIENCE, bearer, gate } from './scripted-issuer.ts'

const READ = { scope: { all: ['orders:read'] } }
const WRITE = { scope: { all: ['orders:write'] } }

describe('requests that share one question about a token', () => {
  it('are judged each by its own rule and its own proof [field:60]', async () => {
    const api = await startAsking({}, { dpop: {} })
    const { opened, open } = gate()
    const [holder, thief] = [proofMint(), proofMint()]
    api.answer(async () => {
      await opened
      const cnf = { jkt: holder.thumbprint }
      return Response.json(api.active({ token_type: 'DPoP', cnf }))
    })
    const call = async (key: typeof holder, rule: typeof READ): Promise<string> => {
      const proof = key.proof(`${AUDIENCE}/1`, 'opaque-1', api.clock.now())
      const headers = new Headers({ authorization: 'DPoP opaque-1', dpop: proof })
      const verdict = await api.guard({ method: 'GET', url: '/orders/1', headers }, rule)
      return verdict.allowed ? 'allowed' : verdict.reason
    }
    const asked = [
      call(holder, READ),
      call(thief, READ),
      call(holder, WRITE),
      api.ask('opaque-1'),
    ] as const
    open()
    expect(await Promise.all(asked)).toEqual([
      'allowed',
      'dpop_wrong_key',
      'insufficient_scope',
      '401 dpop_required',
    ])
    expect(api.questions()).toHaveLength(1)
  })

  it('all hear of the failure, and the next one asks anew [field:60]', async () => {
    const api = await startAsking()
    const { opened, open } = gate()
    api.answer(async () => {
      await opened
      return new Response(null, { status: 500 })
    })
    const asked = Array.from({ length: 20 }, () => api.ask())
    open()
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['503 introspection_unavailable']))
    api.answer(() => Response.json(api.active()))
    expect(await api.ask()).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
  })
})

describe('guards that ask one issuer about one token', () => {
  it('take no answer that was given to another, however alike they are [field:60]', async () => {
    const api = await startAsking()
    const other = createGuard({
      issuer: api.origin,
      audience: AUDIENCE,
      now: api.clock.now,
      introspection: { clientId: 'invoices-api', clientSecret: 'secret' },
    })
    const mine = `Basic ${btoa('orders-api:MARKER-SECRET')}`
    api.answer(({ headers }) =>
      Response.json(headers.get('authorization') === mine ? api.active() : { active: false }),
    )
    expect(await api.ask('opaque-1')).toBe('allowed')
    expect(await other(bearer('opaque-1'))).toMatchObject({ reason: 'inactive' })
    expect(await api.ask('opaque-1')).toBe('allowed')
    expect(api.questions()).toHaveLength(2)
  })

  it('hold it under its digest: it is the key of nothing [field:60]', async () => {
    const api = await startAsking()
    const token = `opaque-${crypto.randomUUID()}`
    const keys: unknown[] = []
    const set = Map.prototype.set
    const spied = vi.spyOn(Map.prototype, 'set').mockImplementation(function (
      this: Map<unknown, unknown>,
      key,
      value,
    ) {
      keys.push(key)
      return set.call(this, key, value)
    })
    onTestFinished(() => spied.mockRestore())
    expect(await api.ask(token)).toBe('allowed')
    expect(await api.ask(token)).toBe('allowed')
    expect(api.questions()).toHaveLength(1)
    const texts = keys.filter((key) => typeof key === 'string')
    const digest = Buffer.from(
      await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token)),
    ).toString('base64url')
    expect(texts).toContain(digest)
    expect(texts.filter((key) => key.includes(token))).toEqual([])
  })
})

describe('what a guard asks nothing about', () => {
  it.each([
    ['too long for a token', 'x'.repeat(16_385), '401 malformed_token'],
    ['no token at all by its characters', 'opaque"1', '400 malformed_credentials'],
    ['two tokens', 'opaque-1 opaque-2', '400 malformed_credentials'],
    ['in three parts, as a JWT', 'a.b.c', '401 malformed_token'],
  ])('is what is %s', async (_, token, expected) => {
    const api = await startAsking()
    expect(await api.ask(token)).toBe(expected)
    expect(api.questions()).toEqual([])
    expect(await api.ask('x'.repeat(16_384))).toBe('allowed')
    const form = parseForm(api.questions()[0]?.body ?? '')
    expect(form.ok && singleParameter(form.value, 'token')).toMatchObject({
      value: 'x'.repeat(16_384),
    })
  })
})
