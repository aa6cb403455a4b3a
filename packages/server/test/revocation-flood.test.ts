import { decodeJwt } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAuthorizationServer, type ServerStore } from '@countersign/server'
import { handClock, memoryStore } from '@countersign/testkit'
import { startThreeParties, type ThreeParties } from './three-parties.ts'
import { ORDERS } from './two-apis.ts'
import { metricsOf } from './watched-store.ts'

const MOST = 1000

async function start(store: ServerStore = memoryStore()) {
  const clock = handClock(1_800_000_000_000)
  const parties = await startThreeParties({ store, now: clock.now })
  onTestFinished(() => parties.close())
  return { clock, parties, store }
}

/** Gets and ends so many tokens, ten a second. Gives them, and the highest number of marks in the store. */
async function flood(
  { clock, parties, store }: Awaited<ReturnType<typeof start>>,
  count: number,
): Promise<{ readonly tokens: readonly string[]; readonly highest: number }> {
  const tokens: string[] = []
  let highest = 0
  for (let turn = 0; turn < count / 10; turn++) {
    const some = await Promise.all(Array.from({ length: 10 }, () => parties.token(parties.billing)))
    const answers = await Promise.all(some.map((token) => parties.revoke(token)))
    expect(answers.map(({ status }) => status)).toEqual(some.map(() => 200))
    tokens.push(...some)
    clock.advance(1000)
    highest = Math.max(highest, (await marksIn(store)).tokens)
  }
  return { tokens, highest }
}

async function marksIn(store: ServerStore): Promise<{ tokens: number; clients: number }> {
  const { records } = await store.registry.changesSince(0)
  const targets = records.flatMap((one) => (one.kind === 'revocation' ? [one.record.target] : []))
  const of = (target: string): number => targets.filter((one) => one === target).length
  return { tokens: of('token'), clients: of('client') }
}

async function isActive(parties: ThreeParties, token: string): Promise<unknown> {
  return (await parties.introspect(token)).json['active']
}

/** Whether a node of its own, that reads the whole store anew, takes a token for active. */
async function freshNode({ clock, parties }: Awaited<ReturnType<typeof start>>) {
  const { issuer, masterKeys, store } = parties.running
  const node = createAuthorizationServer({ issuer, store, masterKeys, now: clock.now })
  onTestFinished(() => node.close())
  await node.ready()
  return {
    node,
    async isActive(token: string): Promise<unknown> {
      const { clientId, clientSecret } = parties.ordersApi
      const response = await node.fetch(
        new Request(`${issuer}/introspect`, {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
          body: new URLSearchParams({ token }),
        }),
      )
      return ((await response.json()) as { readonly active: unknown }).active
    },
  }
}

async function heldMarks(server: Parameters<typeof metricsOf>[0]): Promise<number> {
  const text = await metricsOf(server)
  return Number(/^countersign_revocations (\d+)$/m.exec(text)?.[1])
}

describe('a client that gets and ends tokens in a loop', () => {
  it('fills neither the store, nor a node, nor the feed, and each of the tokens stays ended', async () => {
    const started = await start()
    const { parties } = started
    const follower = await freshNode(started)
    const [old, others] = [
      await parties.token(parties.billing),
      await parties.token(parties.shipping),
    ]
    started.clock.advance(1000)
    const { tokens, highest } = await flood(started, 1700)
    const young = await parties.token(parties.billing)

    // Ten requests come at once: each may find room for one more.
    expect(highest).toBeLessThanOrEqual(MOST + 10)
    expect(await marksIn(started.store)).toMatchObject({ clients: 1 })
    await follower.node.refresh()
    const fresh = await freshNode(started)
    for (const server of [parties.running.server, follower.node, fresh.node]) {
      expect(await heldMarks(server)).toBeLessThanOrEqual(MOST + 11)
    }
    const feed = await fetch(`${parties.running.issuer}/revocations`)
    const { marks } = decodeJwt<{ readonly marks: readonly unknown[] }>(await feed.text())
    expect(marks.length).toBeLessThanOrEqual(MOST + 11)

    for (const token of tokens.filter((_, index) => index % 17 === 0)) {
      expect(await isActive(parties, token)).toBe(false)
      expect(await follower.isActive(token)).toBe(false)
      expect(await fresh.isActive(token)).toBe(false)
    }
    // What the client got before goes with them, as the event says. What it gets now does not, nor what
    // others have.
    expect([await isActive(parties, old), await fresh.isActive(old)]).toEqual([false, false])
    for (const token of [young, others]) {
      expect([await isActive(parties, token), await fresh.isActive(token)]).toEqual([true, true])
    }
    const events = parties.running.events.filter(({ type }) => type === 'token_marks.merged')
    expect(events.length).toBeGreaterThanOrEqual(2)
    expect(events[0]).toMatchObject({ clientId: 'billing', marks: expect.any(Number) })
    const [mark] = (await parties.running.administration.listRevocations()).filter(
      ({ target }) => target === 'client',
    )
    expect(mark?.notAfter).toBe((events.at(-1) as { readonly notAfter?: number }).notAfter)
    expect(mark?.notAfter).toBeLessThan(Number(decodeJwt(young).iat) * 1000 - 30_000)
    await parties.running.server.close()
    const entries = await started.store.audit.find({ type: 'token_marks.merged', limit: 10 })
    expect(entries).toHaveLength(events.length)
  })

  it('ends no less than an administrator ended before, and needs no mark for what is ended already', async () => {
    const started = await start()
    const { parties, clock, store } = started
    const { administration, server } = parties.running
    const token = await parties.token(parties.billing)
    clock.advance(60_000)
    const mark = await administration.revokeClientTokens('billing')
    await server.refresh()
    const { revision } = await store.registry.changesSince(0)
    expect((await parties.revoke(token)).status).toBe(200)
    expect((await store.registry.changesSince(0)).revision).toBe(revision)
    clock.advance(1000)
    await flood(started, 1020)
    const [after] = (await administration.listRevocations()).filter(
      ({ target }) => target === 'client',
    )
    expect(after?.notAfter).toBeGreaterThan(mark.notAfter)
    expect(after?.expiresAt).toBeGreaterThanOrEqual(mark.expiresAt)
    expect(await isActive(parties, token)).toBe(false)
  })

  it('fills no node where the store keeps every mark until its end', async () => {
    const inner = memoryStore()
    const { forgetMarks: _, ...registry } = inner.registry
    const started = await start({ ...inner, registry })
    const { tokens } = await flood(started, 1100)
    expect((await marksIn(started.store)).tokens).toBeGreaterThan(MOST)
    const fresh = await freshNode(started)
    for (const server of [started.parties.running.server, fresh.node]) {
      expect(await heldMarks(server)).toBeLessThanOrEqual(MOST)
    }
    for (const token of tokens.filter((_token, index) => index % 23 === 0)) {
      expect(await fresh.isActive(token)).toBe(false)
    }
  })

  it('is told the truth by a token that a mark is on which does not end it', async () => {
    const { parties, clock } = await start()
    const { administration, server } = parties.running
    // The mark was made by a clock that is behind the one of the node that issued the token.
    clock.advance(30_000)
    const token = await parties.token(parties.billing, ORDERS)
    clock.advance(-30_000)
    await administration.revokeToken(String(decodeJwt(token).jti))
    await server.refresh()
    expect((await parties.revoke(token)).status).toBe(200)
    clock.advance(30_000)
    expect(await isActive(parties, token)).toBe(false)
  })
})
