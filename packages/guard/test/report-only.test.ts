import { inspect } from 'node:util'
import { createGuard, type Rule } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { directAttacks } from './hostile-requests.ts'
import { bearer, startScriptedIssuer, type ScriptedIssuer } from './scripted-issuer.ts'

const READ: Rule = { scope: { all: ['orders:read'] } }
const NAMELESS = { kind: 'client', clientId: '', scopes: new Set() }

function startReporting(): Promise<ScriptedIssuer> {
  return startScriptedIssuer({ reportOnly: true })
}

function reports({ events }: ScriptedIssuer): unknown[] {
  return events.filter(({ type }) => type === 'denied' || type === 'would_deny')
}

describe('a guard that only reports', () => {
  it('lets a request without a token go on, and tells of it', async () => {
    await using issuer = await startReporting()
    expect(await issuer.guard(new Request('https://api.example'), READ)).toEqual({
      allowed: true,
      principal: NAMELESS,
      token: { issuer: '', audience: [], id: '', issuedAt: 0, expiresAt: 0, claims: {} },
      wouldDeny: 'no_credentials',
    })
    expect(reports(issuer)).toEqual([
      { type: 'would_deny', reason: 'no_credentials', status: 401, clientId: undefined },
    ])
  })

  it('gives the real caller where only a scope is missing', async () => {
    await using issuer = await startReporting()
    const verdict = await issuer.guard(bearer(issuer.mint.token()), {
      scope: { all: ['orders:write'] },
    })
    expect(verdict).toMatchObject({
      allowed: true,
      principal: { kind: 'client', clientId: 'billing', scopes: new Set(['orders:read']) },
      token: { issuer: issuer.origin },
      wouldDeny: 'insufficient_scope',
    })
    expect(reports(issuer)).toEqual([
      {
        type: 'would_deny',
        reason: 'insufficient_scope',
        status: 403,
        issuer: issuer.origin,
        clientId: 'billing',
      },
    ])
  })

  it('gives a caller of the wrong kind no name', async () => {
    await using issuer = await startReporting()
    const user = bearer(issuer.mint.token({ claims: { sub: 'user-1' } }))
    expect(await issuer.guard(user, READ)).toMatchObject({
      principal: NAMELESS,
      wouldDeny: 'principal_kind',
    })
    const client = bearer(issuer.mint.token())
    expect(await issuer.guard(client, { principal: 'user' })).toMatchObject({
      principal: { kind: 'user', subject: '', clientId: '', scopes: new Set() },
      wouldDeny: 'principal_kind',
    })
  })

  it('says nothing of a request that is allowed', async () => {
    await using issuer = await startReporting()
    const verdict = await issuer.guard(bearer(issuer.mint.token()), READ)
    expect(verdict).toMatchObject({ allowed: true, principal: { clientId: 'billing' } })
    expect(verdict).not.toHaveProperty('wouldDeny')
    expect(reports(issuer)).toEqual([])
  })

  it('would deny for the same reasons as a guard that does, and names nobody', async () => {
    await using issuer = await startReporting()
    const { fetch, now } = { fetch: globalThis.fetch, now: issuer.clock.now }
    const enforcing = createGuard({
      issuer: issuer.origin,
      audience: 'https://api.example/orders',
      jwksUri: `${issuer.origin}/jwks`,
      fetch,
      now,
    })
    for (const { name, request } of directAttacks(issuer.mint)) {
      const denied = await enforcing(request, READ)
      const passed = await issuer.guard(request, READ)
      const seen = passed.allowed && { principal: passed.principal, why: passed.wouldDeny }
      const real = !denied.allowed && denied.reason === 'insufficient_scope'
      expect({ name, ...seen, ...(real && { principal: NAMELESS }) }).toEqual({
        name,
        principal: NAMELESS,
        why: denied.allowed ? 'allowed' : denied.reason,
      })
    }
  })

  it('lets requests go on in an outage', async () => {
    await using issuer = await startReporting()
    issuer.respond(() => new Response('down', { status: 500 }))
    expect(await issuer.guard(bearer(issuer.mint.token()), READ)).toMatchObject({
      allowed: true,
      wouldDeny: 'keys_unavailable',
    })
  })

  it('reaches the handler over a socket, with the reason', async () => {
    await using issuer = await startReporting()
    await using api = await startLoopbackServer(
      guarded(issuer.guard, READ, (_, { principal, wouldDeny }) =>
        Response.json({ caller: principal.clientId, wouldDeny }),
      ),
    )
    const response = await fetch(api.origin, { headers: { authorization: 'Bearer marker-7f3a' } })
    expect([response.status, await response.json()]).toEqual([
      200,
      { caller: '', wouldDeny: 'malformed_token' },
    ])
    expect(inspect(issuer.events, { depth: 9 })).not.toContain('marker-7f3a')
  })

  it('still refuses wrong options and wrong rules', async () => {
    const options = { issuer: 'https://as.example', audience: [], reportOnly: true }
    expect(() => createGuard(options)).toThrow("'audience' must name at least one")
    await using issuer = await startReporting()
    const wrong = issuer.guard(new Request('https://api.example'), { scopes: [] } as Rule)
    await expect(wrong).rejects.toMatchObject({ name: 'ArgumentError', option: 'scopes' })
  })
})
