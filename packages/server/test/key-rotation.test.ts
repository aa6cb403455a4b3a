import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import {
  createAdministration,
  generateMasterKey,
  type KeyRotation,
  type ServerEvent,
  type SigningKeyRecord,
} from '@countersign/server'
import {
  handClock,
  memoryStore,
  type RunningAuthorizationServer,
  startAuthorizationServer,
} from '@countersign/testkit'
import { postToken } from './post-token.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const rotation: KeyRotation = { every: 30 * DAY, announce: 5 * DAY, retain: DAY }
const resources = [
  { resource: 'urn:es', scopes: ['read'] },
  { resource: 'urn:ed', scopes: ['read'], signingAlgorithm: 'Ed25519' as const },
]

const open: RunningAuthorizationServer[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

async function start(
  options: Parameters<typeof startAuthorizationServer>[0],
): Promise<RunningAuthorizationServer> {
  const running = await startAuthorizationServer({ followInterval: 3_600_000, ...options })
  open.push(running)
  return running
}

async function keysOf({ store }: RunningAuthorizationServer): Promise<readonly SigningKeyRecord[]> {
  const { records } = await store.registry.changesSince(0)
  return records.flatMap((one) => (one.kind === 'signing_key' ? [one.record] : []))
}

async function published({ issuer }: RunningAuthorizationServer): Promise<string[]> {
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

async function issue(
  { tokenEndpoint, client }: RunningAuthorizationServer,
  resource?: string,
): Promise<string> {
  const form: Record<string, string> = resource === undefined ? {} : { resource }
  const { json } = await postToken(tokenEndpoint, { basic: client, form })
  return String(json['access_token'])
}

const kidOf = (token: string): string => String(decodeProtectedHeader(token).kid)

function made(events: readonly ServerEvent[]): number {
  return events.filter(({ type }) => type === 'signing_key.created').length
}

describe('the schedule of signing keys', () => {
  it('is kept over many periods by two servers on one store, and no token ever fails', async () => {
    const clock = handClock()
    const shared = {
      now: clock.now,
      store: memoryStore(),
      masterKeys: [generateMasterKey()],
      resources,
      serverOptions: { keyRotation: rotation },
    }
    const one = await start(shared)
    const two = await start(shared)
    // The one secret opens both.
    const both = [one, { ...two, client: one.client }] as const
    const alive: { token: string; issuer: string; until: number }[] = []
    let previous = new Map<string, Set<string>>()
    for (let day = 0; day < 200; day++) {
      await Promise.all(both.map(({ server }) => server.refresh()))
      const [left, right] = await Promise.all(both.map(published))
      expect(left?.toSorted()).toEqual(right?.toSorted())
      for (const running of both) {
        for (const { resource } of resources) {
          const token = await issue(running, resource)
          // What signs today was already published when its announcement began.
          const before = previous.get(running.issuer)
          if (before !== undefined) expect(before).toContain(kidOf(token))
          alive.push({ token, issuer: running.issuer, until: clock.now() + HOUR })
        }
        const keys = createRemoteJWKSet(new URL(`${running.issuer}/jwks`))
        for (const { token, issuer } of alive.filter(({ until }) => until > clock.now())) {
          if (issuer !== running.issuer) continue
          await jwtVerify(token, keys, { issuer, currentDate: new Date(clock.now()) })
        }
        previous = new Map(previous).set(running.issuer, new Set(await published(running)))
      }
      clock.advance(DAY)
    }
    const keys = await keysOf(one)
    for (const alg of ['ES256', 'Ed25519']) {
      const own = keys.filter((key) => key.alg === alg)
      // 200 days: the first, one each 30 days, and the one announced for day 210.
      expect(own).toHaveLength(7)
      const starts = own.map((key) => key.signsFrom).toSorted((left, right) => left - right)
      const spans = starts.slice(1).map((at, index) => at - (starts[index] ?? 0))
      // The first one is dated back a minute, for clocks that are behind.
      expect(spans.map((span) => Math.round(span / HOUR))).toEqual(spans.map(() => 30 * 24))
      // Announced, signing or retained: at most three have a private half.
      expect(own.filter((key) => key.sealedPrivateKey !== null).length).toBeLessThanOrEqual(3)
      for (const key of own) {
        const over = key.withdrawAt !== null && key.withdrawAt <= clock.now() - DAY
        expect(key.sealedPrivateKey === null).toBe(over)
      }
    }
    expect(made([...one.events, ...two.events])).toBe(keys.length)
  })

  it('announces late rather than never where no server ran when it was due', async () => {
    const clock = handClock()
    const serverOptions = { keyRotation: rotation }
    const shared = { now: clock.now, store: memoryStore(), masterKeys: [generateMasterKey()] }
    const before = await start({ ...shared, serverOptions })
    const [first] = await published(before)
    await before.close()
    clock.advance(400 * DAY)
    const after = await start({ ...shared, serverOptions })
    const kids = await published(after)
    expect(kids).toHaveLength(2)
    expect(kids[0]).toBe(first)
    const [, announced] = await keysOf(after)
    expect((announced?.signsFrom ?? 0) - clock.now()).toBe(5 * DAY)
  })

  it('makes no successor where it is off, and still destroys what is over', async () => {
    const clock = handClock()
    const running = await start({ now: clock.now, serverOptions: { keyRotation: 'off' } })
    const { administration, server, events } = running
    clock.advance(1000 * DAY)
    await server.refresh()
    expect(await published(running)).toHaveLength(1)
    const { kid } = await administration.rotateSigningKey({ announce: HOUR })
    clock.advance(10 * HOUR)
    await server.refresh()
    expect(await published(running)).toEqual([kid])
    const [old, fresh] = await keysOf(running)
    expect(old).toMatchObject({ sealedPrivateKey: null, masterKeyVersion: 0 })
    expect(fresh?.sealedPrivateKey).not.toBeNull()
    expect(events.at(-1)).toMatchObject({ type: 'signing_key.destroyed', kid: old?.kid })
    expect(events.filter(({ type }) => type === 'signing_key.unusable')).toEqual([])
  })

  it('withdraws the last key of an algorithm that no resource uses any more', async () => {
    const clock = handClock()
    const running = await start({
      now: clock.now,
      resources,
      serverOptions: { keyRotation: rotation },
    })
    const { administration, server } = running
    await administration.updateResource({ resource: 'urn:ed', signingAlgorithm: 'ES256' })
    for (let day = 0; day < 33; day++) {
      clock.advance(DAY)
      await server.refresh()
    }
    const ed = (await keysOf(running)).filter(({ alg }) => alg === 'Ed25519')
    expect(ed).toMatchObject([{ sealedPrivateKey: null }])
    expect(await published(running)).not.toContain(ed[0]?.kid)
  })

  it('of an algorithm is turned by hand alone', async () => {
    const running = await start({ resources })
    const { administration, server } = running
    const { kid, alg } = await administration.rotateSigningKey({
      announce: 0,
      algorithm: 'Ed25519',
    })
    expect(alg).toBe('Ed25519')
    await server.refresh()
    expect(kidOf(await issue(running, 'urn:ed'))).toBe(kid)
    expect(kidOf(await issue(running, 'urn:es'))).not.toBe(kid)
    const lasting = (await keysOf(running)).filter(({ withdrawAt }) => withdrawAt === null)
    expect(lasting.map((key) => key.alg).toSorted()).toEqual(['ES256', 'Ed25519'])
  })

  it('is one for administrators who turn at the same time: no key is without an end but the last', async () => {
    const running = await start({})
    const { store, masterKeys } = running
    const administrations = Array.from({ length: 3 }, () =>
      createAdministration({ store, masterKeys }),
    )
    await Promise.all(administrations.map((one) => one.rotateSigningKey({ announce: 0 })))
    const lasting = (await keysOf(running)).filter(({ withdrawAt }) => withdrawAt === null)
    expect(lasting).toHaveLength(1)
  })
})

describe('revoking a signing key', () => {
  it('withdraws it at once, lets a new key sign at once, and leaves a revocation mark', async () => {
    const clock = handClock()
    const running = await start({ now: clock.now })
    const { administration, server, store } = running
    const [kid = ''] = await published(running)
    const { revoked, successor } = await administration.revokeSigningKey(kid)
    expect(revoked.kid).toBe(kid)
    // Gone with the revocation itself, not when a server next looks.
    expect(await keysOf(running)).toMatchObject([{ kid, sealedPrivateKey: null }, {}])
    await server.refresh()
    expect(await published(running)).toEqual([successor.kid])
    expect(kidOf(await issue(running))).toBe(successor.kid)
    const { records } = await store.registry.changesSince(0)
    expect(records).toContainEqual({
      kind: 'revocation',
      record: expect.objectContaining({ target: 'signing_key', id: kid, createdAt: clock.now() }),
    })
    const [old] = await keysOf(running)
    expect(old).toMatchObject({ kid, sealedPrivateKey: null })
  })

  it('lets the announced successor take over at once', async () => {
    const clock = handClock()
    const running = await start({ now: clock.now })
    const { administration, server } = running
    const [first = ''] = await published(running)
    const { kid: next } = await administration.rotateSigningKey({ announce: HOUR })
    expect((await administration.revokeSigningKey(first)).successor.kid).toBe(next)
    await server.refresh()
    expect(await published(running)).toEqual([next])
    expect(kidOf(await issue(running))).toBe(next)
  })

  it('of one that was only announced keeps the key that signs, and announces another in time', async () => {
    const clock = handClock()
    const running = await start({ now: clock.now })
    const { administration, server } = running
    const [first = ''] = await published(running)
    const { kid: announced } = await administration.rotateSigningKey({ announce: HOUR })
    await administration.revokeSigningKey(announced)
    await server.refresh()
    expect(kidOf(await issue(running))).toBe(first)
    const kids = await published(running)
    expect(kids).toHaveLength(2)
    expect(kids).not.toContain(announced)
    clock.advance(HOUR + 1)
    expect(kidOf(await issue(running))).toBe(kids[1])
  })

  it('is refused for a kid that nobody knows', async () => {
    const { administration } = await start({})
    await expect(administration.revokeSigningKey('nobody')).rejects.toMatchObject({
      code: 'signing_key_unknown',
    })
  })
})

describe('sealing signing keys anew', () => {
  it('lets the old master key be left out', async () => {
    const store = memoryStore()
    const [old, current] = [generateMasterKey(1), generateMasterKey(2)]
    const before = await start({ store, masterKeys: [old] })
    const [kid = ''] = await published(before)
    await before.close()

    const administration = createAdministration({ store, masterKeys: [current, old] })
    expect(await administration.resealSigningKeys()).toEqual({ resealed: [kid], unopened: [] })
    expect(await administration.resealSigningKeys()).toEqual({ resealed: [], unopened: [] })
    const after = await start({ store, masterKeys: [current], clients: [] })
    expect(await published(after)).toEqual([kid])
    const client = await after.administration.createClient({ clientId: 'later' })
    await after.administration.grant({
      clientId: 'later',
      resource: 'https://api.example.test/orders',
      scopes: ['orders:read'],
    })
    await after.server.refresh()
    const basic = { clientId: 'later', clientSecret: client.secret.reveal() }
    const { json } = await postToken(after.tokenEndpoint, { basic })
    const keys = createRemoteJWKSet(new URL(`${after.issuer}/jwks`))
    expect((await jwtVerify(String(json['access_token']), keys)).protectedHeader.kid).toBe(kid)
  })

  it('names the keys whose master key is not there', async () => {
    const store = memoryStore()
    const [lost, current] = [generateMasterKey(1), generateMasterKey(2)]
    const before = await start({ store, masterKeys: [lost] })
    const [kid = ''] = await published(before)
    const kept = createAdministration({ store, masterKeys: [current, lost] })
    await kept.rotateSigningKey({ announce: 0 })
    const administration = createAdministration({ store, masterKeys: [current] })
    expect(await administration.resealSigningKeys()).toEqual({ resealed: [], unopened: [kid] })
  })
})
