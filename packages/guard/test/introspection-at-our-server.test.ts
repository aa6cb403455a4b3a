import { createGuard, type GuardEvent, type GuardOptions } from '@countersign/guard'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bearer } from './scripted-issuer.ts'

const ORDERS = 'https://api.example/orders'
const INVOICES = 'https://api.example/invoices'

/** Our server with two APIs whose tokens are opaque, and a guard of one that asks it. */
async function start(
  introspection: Partial<GuardOptions['introspection'] & object> = {},
  options: Partial<GuardOptions> = {},
) {
  const grants = [ORDERS, INVOICES].map((resource) => ({ resource, scopes: ['read'] }))
  const running = await startAuthorizationServer({
    resources: [ORDERS, INVOICES].map((resource) => ({
      resource,
      scopes: ['read'],
      tokenFormat: 'opaque' as const,
    })),
    clients: [
      { clientId: 'billing', grants },
      { clientId: 'orders-api', grants: [] },
    ],
  })
  onTestFinished(() => running.close())
  for (const resource of [ORDERS, INVOICES]) {
    await running.administration.updateResource({ resource, introspectionClients: ['orders-api'] })
  }
  await running.server.refresh()
  const events: GuardEvent[] = []
  const guard = createGuard({
    issuer: running.issuer,
    audience: ORDERS,
    introspection: {
      clientId: 'orders-api',
      clientSecret: running.secrets['orders-api'] ?? '',
      ...introspection,
    },
    onEvent: (event) => events.push(event),
    ...options,
  })
  const ask = async (token: string): Promise<string> => {
    const verdict = await guard(bearer(token))
    return verdict.allowed ? 'allowed' : `${verdict.status} ${verdict.reason}`
  }
  return { running, guard, events, ask }
}

/** What the client `billing` sends to an endpoint of the server. */
async function post(
  { issuer, client }: RunningAuthorizationServer,
  path: 'token' | 'revoke',
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const authorization = `Basic ${btoa(`${client.clientId}:${client.clientSecret}`)}`
  const response = await fetch(`${issuer}/${path}`, {
    method: 'POST',
    headers: { authorization, ...headers },
    body: new URLSearchParams(form),
  })
  const text = await response.text()
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

async function tokenFor(
  running: RunningAuthorizationServer,
  resource = ORDERS,
  headers: Record<string, string> = {},
): Promise<string> {
  const form = { grant_type: 'client_credentials', resource }
  return String((await post(running, 'token', form, headers))['access_token'])
}

describe('a guard that asks our own server', () => {
  it.each([
    ['plain', false],
    ['signed', true],
  ])('takes opaque tokens by its %s answers [std:72] [std:80]', async (_, signed) => {
    const { running, guard, events, ask } = await start({ signed })
    const token = await tokenFor(running)
    expect(token).toMatch(/^cst_/)
    expect(await guard(bearer(token), { scope: { all: ['read'] } })).toMatchObject({
      allowed: true,
      principal: { kind: 'client', clientId: 'billing', scopes: new Set(['read']) },
      token: { issuer: running.issuer, audience: [ORDERS] },
    })
    expect(await ask(`${token.slice(0, -1)}_`)).toBe('401 inactive')
    expect(events.filter(({ type }) => type === 'introspection_failed')).toEqual([])
    const questions = running.events.filter(({ type }) => type === 'token.introspected')
    await ask(token)
    expect(running.events.filter(({ type }) => type === 'token.introspected')).toEqual(questions)
  })

  it('refuses a token of another API, though the server lets it ask', async () => {
    const { running, ask } = await start()
    expect(await ask(await tokenFor(running, INVOICES))).toBe('401 wrong_audience')
  })

  it('sees a revoked token within the life of an answer', async () => {
    const { running, ask } = await start({ maxAge: 0 })
    const token = await tokenFor(running)
    expect(await ask(token)).toBe('allowed')
    await post(running, 'revoke', { token })
    expect(await ask(token)).toBe('401 inactive')
  })

  it('says 503 where its own credentials are wrong, and where the server is gone', async () => {
    const wrong = await start({ clientSecret: 'wrong' })
    const token = await tokenFor(wrong.running)
    expect(await wrong.ask(token)).toBe('503 introspection_unavailable')
    expect(wrong.events).toContainEqual(expect.objectContaining({ fault: 'unauthorized' }))
    const { running, ask } = await start()
    const held = await tokenFor(running)
    const other = await tokenFor(running)
    expect(await ask(held)).toBe('allowed')
    await running.close()
    expect(await ask(other)).toBe('503 introspection_unavailable')
    expect(await ask(held)).toBe('allowed')
  })

  it('takes an opaque token that is bound to a key, with a proof of it alone [std:75] [std:216]', async () => {
    const { running, guard, ask } = await start({}, { dpop: {}, binding: 'required' })
    const key = proofMint()
    const claims = { htm: 'POST', ath: undefined }
    const dpop = key.proof(running.tokenEndpoint, '', Date.now(), { claims })
    const token = await tokenFor(running, ORDERS, { dpop })
    expect(await ask(token)).toBe('401 dpop_required')
    expect(await ask(await tokenFor(running))).toBe('401 binding_required')
    const call = async (mint: typeof key): Promise<unknown> => {
      const proof = mint.proof(`${ORDERS}/1`, token, Date.now())
      const headers = new Headers({ authorization: `DPoP ${token}`, dpop: proof })
      return guard({ method: 'GET', url: '/orders/1', headers })
    }
    expect(await call(key)).toMatchObject({ allowed: true })
    expect(await call(proofMint())).toMatchObject({ reason: 'dpop_wrong_key' })
  })
})
