import { createHash } from 'node:crypto'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { handClock, memoryStore, type HandClock } from '@countersign/testkit'
import type { ServerStore } from '@countersign/server'
import { startThreeParties, type ThreeParties } from './three-parties.ts'
import { ORDERS } from './two-apis.ts'

type Mark = readonly [digest: string, notAfter: number | null, expiresAt: number | null]

interface Feed {
  readonly iss: string
  readonly iat: number
  readonly exp: number
  readonly revision: number
  readonly marks: readonly Mark[]
}

const START = 1_800_000_000_000

let clock: HandClock
let parties: ThreeParties | undefined
afterEach(async () => {
  await parties?.close()
  parties = undefined
})

async function start(store?: ServerStore): Promise<ThreeParties> {
  clock = handClock(START)
  parties = await startThreeParties({
    now: clock.now,
    followInterval: 3_600_000,
    path: '/tenant',
    ...(store && { store }),
  })
  return parties
}

function ask({ running }: ThreeParties, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${running.issuer}/revocations`, { headers })
}

async function feedOf(all: ThreeParties): Promise<Feed> {
  return decodeJwt(await (await ask(all)).text())
}

/** As docs/server/revocation.md says that a reader finds a mark. */
function markOf({ marks }: Feed, target: string, id: string): Mark | undefined {
  const digest = createHash('sha256').update(`${target} ${id}`).digest('base64url').slice(0, 22)
  return marks.find(([one]) => one === digest)
}

async function changed(all: ThreeParties, change: Promise<unknown>): Promise<Feed> {
  await change
  await all.running.server.refresh()
  clock.advance(1000)
  return feedOf(all)
}

describe('the revocation feed', () => {
  it('is signed with the keys of the tokens and says until when it is good', async () => {
    const all = await start()
    const response = await ask(all)
    expect(response.headers.get('content-type')).toBe('application/revocation-feed+jwt')
    expect(response.headers.get('cache-control')).toBe('max-age=10')
    const keys = createRemoteJWKSet(new URL(`${all.running.issuer}/jwks`))
    const { payload } = await jwtVerify(await response.text(), keys, {
      typ: 'revocation-feed+jwt',
      issuer: all.running.issuer,
      currentDate: new Date(START),
    })
    const { revision } = await all.running.store.registry.changesSince(0)
    expect(payload).toEqual({
      iss: all.running.issuer,
      iat: START / 1000,
      exp: START / 1000 + 300,
      revision,
      marks: [],
    })
  })

  it('names a token that was revoked, until it would have ended', async () => {
    const all = await start()
    const token = await all.token(all.billing)
    const { jti = '', exp = 0 } = decodeJwt(token)
    await all.revoke(token)
    clock.advance(1000)
    // A verifier may take a token for up to a minute beyond its end.
    expect(markOf(await feedOf(all), 'token', jti)?.[2]).toBe(exp + 60)
    clock.advance(3_600_000 + 59_000 - 1000)
    await all.running.server.refresh()
    expect(markOf(await feedOf(all), 'token', jti)).toBeDefined()
    clock.advance(150_000)
    await all.running.server.refresh()
    expect((await feedOf(all)).marks).toEqual([])
  })

  it('names what the administration revoked, up to the instant it did', async () => {
    const all = await start()
    const { administration } = all.running
    const until = [START / 1000, START / 1000 + 30 * 86_400 + 60]
    let feed = await changed(all, administration.revokeClientTokens('billing'))
    expect(markOf(feed, 'client', 'billing')?.slice(1)).toEqual(until)
    feed = await changed(all, administration.revokeResourceTokens(ORDERS))
    expect(markOf(feed, 'resource', ORDERS)).toBeDefined()
    feed = await changed(all, administration.revokeToken('some-jti'))
    expect(markOf(feed, 'token', 'some-jti')).toBeDefined()
    const [client] = await administration.listClients()
    const credentialId = client?.credentials[0]?.credentialId ?? ''
    feed = await changed(all, administration.revokeCredentialTokens(credentialId))
    expect(markOf(feed, 'credential', credentialId)).toBeDefined()
    const [key] = await administration.listSigningKeys()
    feed = await changed(all, administration.revokeKeyTokens(key?.kid ?? ''))
    expect(markOf(feed, 'signing_key', key?.kid ?? '')).toBeDefined()
    expect(feed.marks).toHaveLength(5)
  })

  it('names what is disabled for as long as it is, and a key that was revoked', async () => {
    const all = await start()
    const { administration } = all.running
    let feed = await changed(all, administration.disableClient('billing'))
    expect(markOf(feed, 'client', 'billing')?.slice(1)).toEqual([null, null])
    feed = await changed(all, administration.disableResource(ORDERS))
    expect(markOf(feed, 'resource', ORDERS)?.slice(1)).toEqual([null, null])
    feed = await changed(all, administration.enableClient('billing'))
    expect(markOf(feed, 'client', 'billing')).toBeUndefined()
    feed = await changed(all, administration.enableResource(ORDERS))
    expect(feed.marks).toEqual([])
    const [key] = await administration.listSigningKeys()
    feed = await changed(all, administration.revokeSigningKey(key?.kid ?? ''))
    expect(markOf(feed, 'signing_key', key?.kid ?? '')?.[1]).toBeNull()
  })

  it('tells nobody a client, a resource or a jti', async () => {
    const all = await start()
    const token = await all.token(all.billing)
    await all.revoke(token)
    await all.running.administration.disableClient('shipping')
    const feed = JSON.stringify(
      await changed(all, all.running.administration.disableResource(ORDERS)),
    )
    for (const secret of ['shipping', 'orders', String(decodeJwt(token).jti)]) {
      expect(feed).not.toContain(secret)
    }
  })

  it('answers 304 to who has it, and is signed once for all who ask', async () => {
    const all = await start()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(all)))
    const bodies = new Set(await Promise.all(answers.map((one) => one.text())))
    expect(bodies.size).toBe(1)
    const etag = answers[0]?.headers.get('etag') ?? ''
    expect(etag).toMatch(/^"[\w-]{22}"$/)
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const same = await ask(all, { 'if-none-match': known })
      expect([known, same.status, await same.text()]).toEqual([known, 304, ''])
      expect([same.headers.get('etag'), same.headers.get('cache-control')]).toEqual([
        etag,
        'max-age=10',
      ])
    }
    expect((await ask(all, { 'if-none-match': '"x"' })).status).toBe(200)
    await changed(all, all.running.administration.disableClient('billing'))
    expect((await ask(all, { 'if-none-match': etag })).status).toBe(200)
    const head = await fetch(`${all.running.issuer}/revocations`, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  it('is signed anew in time, so that who asks always has half its life left', async () => {
    const all = await start()
    expect((await feedOf(all)).iat).toBe(START / 1000)
    clock.advance(149_000)
    await all.running.server.refresh()
    expect((await feedOf(all)).iat).toBe(START / 1000)
    clock.advance(1000)
    await all.running.server.refresh()
    expect((await feedOf(all)).iat).toBe(START / 1000 + 150)
  })

  it('is never made to look fresh by a server that cannot read its store', async () => {
    const inner = memoryStore()
    let failing = false
    const all = await start({
      ...inner,
      registry: {
        ...inner.registry,
        async changesSince(revision) {
          if (failing) throw new Error('the disk is on fire')
          return inner.registry.changesSince(revision)
        },
      },
    })
    failing = true
    clock.advance(299_000)
    expect(await feedOf(all)).toMatchObject({ iat: START / 1000, exp: START / 1000 + 300 })
    clock.advance(1000)
    const late = await ask(all)
    expect([late.status, await late.json()]).toMatchObject([
      503,
      { error: 'temporarily_unavailable' },
    ])
    failing = false
    await all.running.server.refresh()
    expect((await feedOf(all)).iat).toBe(START / 1000 + 300)
  })
})
