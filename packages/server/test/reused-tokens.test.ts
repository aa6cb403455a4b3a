import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import type { AuthorizationServerOptions } from '@countersign/server'
import { handClock, startAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'
import { ORDERS, INVOICES } from './two-apis.ts'

function start(now: () => number, serverOptions: Partial<AuthorizationServerOptions>) {
  return startAuthorizationServer({
    now,
    serverOptions,
    followInterval: 3_600_000,
    resources: [
      { resource: ORDERS, scopes: ['read', 'write'], tokenLifetimeSeconds: 600 },
      { resource: INVOICES, scopes: ['read'], tokenFormat: 'opaque' },
    ],
  })
}

describe('reuseWindow', () => {
  it('is off where nobody asks for it', async () => {
    await using running = await start(handClock().now, {})
    const ask = async () =>
      (
        await postToken(running.tokenEndpoint, {
          basic: running.client,
          form: { resource: ORDERS },
        })
      ).json['access_token']
    expect(await ask()).not.toBe(await ask())
  })

  it('gives the same token with what is left of its life, until the window or half the life is over', async () => {
    // A full second: a token's times are whole ones, so half a life would be off by a part of one.
    for (const [reuseWindow, lasts] of [
      [60, 60],
      [3600, 300],
    ] as const) {
      const clock = handClock(1_800_000_000_000)
      await using running = await start(clock.now, { reuseWindow })
      const ask = async (): Promise<Record<string, unknown>> =>
        (
          await postToken(running.tokenEndpoint, {
            basic: running.client,
            form: { resource: ORDERS },
          })
        ).json
      const first = await ask()
      clock.advance(lasts * 1000 - 1)
      const again = await ask()
      expect(again['access_token']).toBe(first['access_token'])
      const { exp = 0 } = decodeJwt(String(again['access_token']))
      expect(clock.now() + Number(again['expires_in']) * 1000).toBeLessThanOrEqual(exp * 1000)
      expect(again['expires_in']).toBeGreaterThanOrEqual(600 - lasts)
      clock.advance(2)
      expect((await ask())['access_token']).not.toBe(first['access_token'])
      const issued = running.events.filter(({ type }) => type === 'token.issued')
      expect(issued).toHaveLength(3)
    }
  })

  it('never promises a life of nothing, nor gives a token of a later time once the clock was set back', async () => {
    const clock = handClock(1_800_000_000_000)
    await using running = await start(clock.now, { reuseWindow: 60 })
    const { administration, server } = running
    await administration.updateResource({ resource: ORDERS, tokenLifetimeSeconds: 1 })
    await server.refresh()
    const ask = async (): Promise<Record<string, unknown>> =>
      (
        await postToken(running.tokenEndpoint, {
          basic: running.client,
          form: { resource: ORDERS },
        })
      ).json
    await ask()
    clock.advance(100)
    const second = await ask()
    expect(second['expires_in']).toBe(1)
    clock.advance(-3_600_000)
    const third = await ask()
    expect(third['expires_in']).toBe(1)
    expect(third['access_token']).not.toBe(second['access_token'])
  })

  it('never gives it to another client, credential, scope or resource, and never an opaque one', async () => {
    await using running = await start(handClock().now, { reuseWindow: 60 })
    const { administration, server, tokenEndpoint, client } = running
    const other = await administration.createClient({ clientId: 'other' })
    await administration.grant({ clientId: 'other', resource: ORDERS, scopes: ['read', 'write'] })
    const fresh = await administration.rotateSecret('billing', { overlap: 60_000 })
    await server.refresh()
    const posts = [
      { basic: client, form: { resource: ORDERS } },
      { basic: client, form: { resource: ORDERS, scope: 'read' } },
      { basic: client, form: { resource: INVOICES } },
      { basic: client, form: { resource: INVOICES } },
      {
        basic: { clientId: 'billing', clientSecret: fresh.secret.reveal() },
        form: { resource: ORDERS },
      },
      {
        basic: { clientId: 'other', clientSecret: other.secret.reveal() },
        form: { resource: ORDERS },
      },
    ]
    const tokens = new Set<unknown>()
    for (const post of posts)
      tokens.add((await postToken(tokenEndpoint, post)).json['access_token'])
    expect(tokens.size).toBe(posts.length)
  })

  it('starts anew with any change of the registry', async () => {
    await using running = await start(handClock().now, { reuseWindow: 60 })
    const { administration, server } = running
    const ask = async (): Promise<unknown> =>
      (
        await postToken(running.tokenEndpoint, {
          basic: running.client,
          form: { resource: ORDERS },
        })
      ).json['access_token']
    const first = await ask()
    await administration.createClient({ clientId: 'unrelated' })
    await server.refresh()
    expect(await ask()).not.toBe(first)
  })

  it('holds ten thousand tokens at most, and drops the one held longest', async () => {
    const { reusedTokens } = await import('../src/lib/tokens/reused-tokens.ts')
    let made = 0
    const issue = reusedTokens(
      () => ({
        token: String(made++),
        tokenType: 'Bearer',
        jti: '',
        kid: '',
        lifetimeSeconds: 60,
        expiresAt: 60_000,
      }),
      { window: 60_000, revision: () => 1 },
    )
    const order = (clientId: string, members: object = {}) =>
      ({
        client: { registered: { client: { clientId } }, credential: { credentialId: 'c' } },
        decision: {
          resource: { resource: 'urn:api', tokenFormat: 'jwt' },
          scope: [],
          lifetimeSeconds: 60,
          authorizationDetails: [],
        },
        confirmation: undefined,
        now: 0,
        ...members,
      }) as unknown as Parameters<typeof issue>[0]
    for (let index = 0; index < 10_001; index++) void issue(order(`c${index}`))
    expect(issue(order('c10000'))).toMatchObject({ token: '10000' })
    expect(issue(order('c1'))).toMatchObject({ token: '1' })
    expect(issue(order('c0'))).toMatchObject({ token: '10001' })
    // Nor across bindings: the token of one key is of no use to the holder of another.
    for (const [index, confirmation] of [
      { jkt: 'a' },
      { jkt: 'b' },
      { 'x5t#S256': 'a' },
    ].entries()) {
      expect(issue(order('c0', { confirmation }))).toMatchObject({ token: String(10_002 + index) })
    }
  })
})
