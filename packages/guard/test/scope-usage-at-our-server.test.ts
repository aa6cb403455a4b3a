import { inspect } from 'node:util'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { scopeUsage, type ScopeUsageEvent } from '@countersign/guard/usage'
import { startAuthorizationServer, startLoopbackServer } from '@countersign/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { allowedEvent, INVOICES, ORDERS } from './allowed-event.ts'

/** Our server with two APIs and who calls them, and the API for orders, which reports. */
async function start() {
  const scopes = ['read', 'write', 'list']
  const grants = [ORDERS, INVOICES].map((resource) => ({ resource, scopes }))
  const running = await startAuthorizationServer({
    resources: grants,
    clients: [
      { clientId: 'billing', grants },
      { clientId: 'shipping', grants },
      { clientId: 'orders-api', grants: [] },
    ],
  })
  onTestFinished(() => running.close())
  const introspectionClients = ['orders-api']
  await running.administration.updateResource({ resource: ORDERS, introspectionClients })
  await running.server.refresh()
  const told: ScopeUsageEvent[] = []
  const usage = scopeUsage({
    issuer: running.issuer,
    resource: ORDERS,
    clientId: 'orders-api',
    clientSecret: running.secrets['orders-api'] ?? '',
    onEvent: (event) => told.push(event),
  })
  onTestFinished(() => usage.close())
  const guard = createGuard<'read' | 'write' | 'list'>({
    issuer: running.issuer,
    audience: [ORDERS, INVOICES],
    onEvent: usage.record,
  })
  const read = guarded(guard, { scope: { all: ['read'] } }, () => new Response('read'))
  const either = guarded(guard, { scope: { any: ['write', 'list'] } }, () => new Response('either'))
  const free = guarded(guard, {}, () => new Response('free'))
  const api = await startLoopbackServer((request) => {
    const { pathname } = new URL(request.url)
    return (pathname === '/read' ? read : pathname === '/either' ? either : free)(request)
  })
  onTestFinished(() => api.close())
  const tokenOf = async (clientId: string, resource = ORDERS, scope = ''): Promise<string> => {
    const authorization = `Basic ${btoa(`${clientId}:${running.secrets[clientId] ?? ''}`)}`
    const form = { grant_type: 'client_credentials', resource, ...(scope && { scope }) }
    const body = new URLSearchParams(form)
    const response = await fetch(running.tokenEndpoint, {
      method: 'POST',
      headers: { authorization },
      body,
    })
    return String(((await response.json()) as Record<string, unknown>)['access_token'])
  }
  return {
    running,
    usage,
    told,
    tokenOf,
    call: async (path: string, token: string): Promise<number> =>
      (await fetch(`${api.origin}${path}`, { headers: { authorization: `Bearer ${token}` } }))
        .status,
    async granted(clientId: string) {
      await running.server.close()
      const all = await running.administration.listGrantedScopes({ clientId })
      return all.map(({ resource, scope, calls, toldSince }) => [
        resource === ORDERS ? 'orders' : 'invoices',
        scope,
        calls,
        toldSince === null ? 'unknown' : 'told',
      ])
    },
  }
}

describe('scopeUsage with our own server', () => {
  it('shows there what was granted and never used, client by client', async () => {
    const { usage, told, tokenOf, call, granted, running } = await start()
    const billing = await tokenOf('billing')
    const reader = await tokenOf('shipping', ORDERS, 'read')
    for (let time = 0; time < 5; time++) expect(await call('/read', billing)).toBe(200)
    expect(await call('/read', reader)).toBe(200)
    // Refused, so it used nothing.
    expect(await call('/either', reader)).toBe(403)
    expect(await call('/free', billing)).toBe(200)
    expect(await call('/read', 'forged')).toBe(401)
    // Of another API that this one is, too, but does not report on.
    expect(await call('/read', await tokenOf('billing', INVOICES))).toBe(200)
    expect(usage.waiting).toBe(2)
    expect(await usage.flush()).toBe(true)
    expect([usage.waiting, told]).toEqual([0, [{ type: 'usage_reported', entries: 2 }]])

    // Each of them would have let it in, so neither is unused.
    expect(await call('/either', await tokenOf('shipping', ORDERS, 'write list'))).toBe(200)
    await usage.close()
    expect(await granted('billing')).toEqual([
      ['invoices', 'list', 0, 'unknown'],
      ['invoices', 'read', 0, 'unknown'],
      ['invoices', 'write', 0, 'unknown'],
      ['orders', 'list', 0, 'told'],
      ['orders', 'read', 5, 'told'],
      ['orders', 'write', 0, 'told'],
    ])
    expect((await granted('shipping')).slice(3)).toEqual([
      ['orders', 'list', 1, 'told'],
      ['orders', 'read', 1, 'told'],
      ['orders', 'write', 1, 'told'],
    ])
    const shown = inspect([told, usage], { depth: 9 })
    for (const secret of [billing, reader, running.secrets['orders-api'] ?? 'none']) {
      expect(shown).not.toContain(secret)
    }
  })

  it('lets the API be, where the server does not know it as one that may report', async () => {
    const { running, told, tokenOf, call } = await start()
    await using stranger = scopeUsage({
      issuer: running.issuer,
      resource: INVOICES,
      clientId: 'orders-api',
      clientSecret: running.secrets['orders-api'] ?? '',
      onEvent: (event) => told.push(event),
    })
    stranger.record(allowedEvent({ issuer: running.issuer, audience: [INVOICES] }))
    expect(await stranger.flush()).toBe(false)
    expect(told).toMatchObject([{ type: 'usage_failed', fault: 'refused', waiting: 1 }])
    expect(await call('/read', await tokenOf('billing'))).toBe(200)
  })
})
