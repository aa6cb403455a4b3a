import { inspect } from 'node:util'
import { createGuard, rateLimitKey } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { guardMetrics } from '@countersign/guard/opentelemetry'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { recordingMeter } from './recording-meter.ts'
import { AUDIENCE, bearer, startScriptedIssuer } from './scripted-issuer.ts'

describe('what a guard tells of a request that it allows', () => {
  it('says who called, for what, and which scopes of the rule let it in', async () => {
    await using issuer = await startScriptedIssuer()
    const token = issuer.mint.token({ claims: { scope: 'orders:read orders:list other' } })
    const told = async (rule?: Parameters<typeof issuer.guard>[1]): Promise<unknown> => {
      issuer.events.length = 0
      await issuer.guard(bearer(token), rule)
      return issuer.events.find(({ type }) => type === 'allowed')
    }
    expect(await told()).toEqual({
      type: 'allowed',
      kind: 'client',
      clientId: 'billing',
      issuer: issuer.origin,
      audience: [AUDIENCE],
      scopes: [],
      duration: expect.any(Number),
    })
    expect(await told({ scope: { all: ['orders:read'] } })).toMatchObject({
      scopes: ['orders:read'],
    })
    const any = { any: ['orders:write', 'orders:list', 'orders:read'] }
    expect(await told({ scope: any })).toMatchObject({ scopes: ['orders:list', 'orders:read'] })
    expect(await told({ scope: { all: ['orders:write'] } })).toBeUndefined()
  })

  it('tells it once for a request, not for a trial by explain, and lets a broken listener break nothing', async () => {
    await using issuer = await startScriptedIssuer({
      onEvent() {
        throw new Error('broken')
      },
    })
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
    await using other = await startScriptedIssuer()
    await other.guard.explain(bearer(other.mint.token()))
    expect(other.events.filter(({ type }) => type === 'allowed')).toEqual([])
    await other.ask(other.mint.token())
    expect(other.events.filter(({ type }) => type === 'allowed')).toHaveLength(1)
  })

  it('looks at no clock for it where nobody listens', async () => {
    await using issuer = await startScriptedIssuer()
    const silent = createGuard({
      issuer: issuer.origin,
      audience: AUDIENCE,
      jwksUri: `${issuer.origin}/jwks`,
      now: issuer.clock.now,
    })
    const token = issuer.mint.token()
    for (const guard of [silent, issuer.guard]) await guard(bearer(token))
    const looks = vi.spyOn(performance, 'now')
    onTestFinished(() => looks.mockRestore())
    expect((await silent(bearer(token))).allowed).toBe(true)
    expect(looks).not.toHaveBeenCalled()
    await issuer.guard(bearer(token))
    expect(looks).toHaveBeenCalledTimes(2)
  })
})

describe('a guard that only reports, with metrics', () => {
  it('counts those it would deny apart from those it allows, over a socket', async () => {
    const { meter, measured } = recordingMeter()
    await using issuer = await startScriptedIssuer({
      reportOnly: true,
      onEvent: guardMetrics(meter),
    })
    await using api = await startLoopbackServer(
      guarded(issuer.guard, { scope: { all: ['orders:read'] } }, () => new Response('ok')),
    )
    const call = async (authorization?: string): Promise<number> => {
      const headers = authorization === undefined ? {} : { authorization }
      return (await fetch(api.origin, { headers })).status
    }
    const good = `Bearer ${issuer.mint.token()}`
    const small = `Bearer ${issuer.mint.token({ claims: { scope: 'other' } })}`
    for (const one of [good, good, small, 'Bearer marker-7f3a', undefined]) {
      expect(await call(one)).toBe(200)
    }
    const verdicts = measured
      .filter(([name]) => name === 'countersign.guard.verdicts')
      .map(([, , attributes]) => attributes)
    const outcome = 'countersign.outcome'
    const reason = 'countersign.reason'
    const ofIssuer = { 'countersign.issuer': issuer.origin }
    const client = { ...ofIssuer, 'oauth.client_id': 'billing' }
    expect(verdicts).toEqual([
      { [outcome]: 'allowed', ...client },
      { [outcome]: 'allowed', ...client },
      { [outcome]: 'would_deny', [reason]: 'insufficient_scope', ...client },
      { [outcome]: 'would_deny', [reason]: 'malformed_token', ...ofIssuer },
      { [outcome]: 'would_deny', [reason]: 'no_credentials' },
    ])
    expect(inspect(measured, { depth: 9 })).not.toContain('marker-7f3a')
  })

  it('gives a caller it knows a key for a rate limiter, and one it does not know none', async () => {
    await using issuer = await startScriptedIssuer({ reportOnly: true })
    const keyFor = async (token: string): Promise<string | undefined> => {
      const verdict = await issuer.guard(bearer(token))
      if (!verdict.allowed) throw new Error('a guard that reports denies nothing')
      return rateLimitKey(verdict)
    }
    const first = await keyFor(issuer.mint.token({ claims: { jti: 'a' } }))
    expect(first).toBe(`${encodeURIComponent(issuer.origin)}:billing`)
    expect(await keyFor(issuer.mint.token({ claims: { jti: 'b' } }))).toBe(first)
    expect(await keyFor('marker')).toBeUndefined()
  })
})
