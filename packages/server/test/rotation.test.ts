import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import {
  type RecordKind,
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type ServerEvent,
} from '@countersign/server'
import {
  handClock,
  memoryStore,
  type RunningAuthorizationServer,
  startAuthorizationServer,
} from '@countersign/testkit'
import { postToken } from './post-token.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let running: RunningAuthorizationServer | undefined
afterEach(async () => {
  await running?.close()
  running = undefined
})

async function askWith(clientSecret: string): Promise<number> {
  const { tokenEndpoint, client } = running as RunningAuthorizationServer
  const { status } = await postToken(tokenEndpoint, { basic: { ...client, clientSecret } })
  return status
}

describe('rotating a secret', () => {
  it('lets old and new secret in until the overlap ends, then the new one only', async () => {
    const clock = handClock()
    running = await startAuthorizationServer({ now: clock.now })
    const { administration, server, client, events } = running
    const rotated = await administration.rotateSecret('billing', { overlap: HOUR, label: 'second' })
    expect(rotated.credential).toMatchObject({ label: 'second', expiresAt: null })
    const fresh = rotated.secret.reveal()
    await server.refresh()
    clock.advance(HOUR - 1)
    expect([await askWith(client.clientSecret), await askWith(fresh)]).toEqual([200, 200])
    clock.advance(1)
    expect([await askWith(client.clientSecret), await askWith(fresh)]).toEqual([401, 200])
    expect(events.at(-2)).toMatchObject({ reason: 'secret_expired', clientId: 'billing' })
  })

  it('ends the old secret at once with no overlap', async () => {
    running = await startAuthorizationServer()
    const { administration, server, client } = running
    const fresh = (await administration.rotateSecret('billing', { overlap: 0 })).secret.reveal()
    await server.refresh()
    expect([await askWith(client.clientSecret), await askWith(fresh)]).toEqual([401, 200])
  })

  it('never makes an older secret live longer than it was to', async () => {
    const clock = handClock()
    running = await startAuthorizationServer({ now: clock.now })
    const { administration, server, client } = running
    await administration.rotateSecret('billing', { overlap: MINUTE })
    await administration.rotateSecret('billing', { overlap: HOUR })
    await server.refresh()
    clock.advance(MINUTE)
    expect(await askWith(client.clientSecret)).toBe(401)
  })
})

describe('disabling a client', () => {
  it('refuses it from then on, whatever it asks, until it is enabled', async () => {
    running = await startAuthorizationServer()
    const { administration, server, client, events } = running
    await administration.disableClient('billing')
    await server.refresh()
    expect(await askWith(client.clientSecret)).toBe(401)
    expect(events.at(-1)).toMatchObject({ reason: 'client_disabled', clientId: 'billing' })
    await administration.enableClient('billing')
    await server.refresh()
    expect(await askWith(client.clientSecret)).toBe(200)
  })

  it('does not tell a stranger with a wrong secret that the client is disabled', async () => {
    running = await startAuthorizationServer()
    const { administration, server, events } = running
    await administration.disableClient('billing')
    await server.refresh()
    expect(await askWith('wrong')).toBe(401)
    expect(events.at(-1)).toMatchObject({ reason: 'secret_malformed' })
  })
})

describe('rotating the signing key', () => {
  it('announces, then signs, then retains, then withdraws, and every token verifies in its life', async () => {
    const clock = handClock()
    running = await startAuthorizationServer({ now: clock.now })
    const { administration, server, issuer, tokenEndpoint, client } = running
    const published = async (): Promise<string[]> => {
      const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: { kid: string }[] }
      return keys.map(({ kid }) => kid)
    }
    const issue = async (): Promise<string> => {
      const { json } = await postToken(tokenEndpoint, { basic: client })
      return String(json['access_token'])
    }
    const verifies = async (token: string): Promise<boolean> => {
      const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
      const currentDate = new Date(clock.now())
      return jwtVerify(token, keys, { issuer, currentDate }).then(
        () => true,
        () => false,
      )
    }
    const [first] = await published()
    const { kid: second } = await administration.rotateSigningKey({ announce: 10 * MINUTE })
    await server.refresh()
    expect(await published()).toEqual([first, second])

    clock.advance(10 * MINUTE - 1)
    const lastOfFirst = await issue()
    expect(decodeProtectedHeader(lastOfFirst).kid).toBe(first)
    clock.advance(1)
    const firstOfSecond = await issue()
    expect(decodeProtectedHeader(firstOfSecond).kid).toBe(second)

    // A token's times are whole seconds, rounded down.
    clock.advance(HOUR - 2000)
    expect([await verifies(lastOfFirst), await verifies(firstOfSecond)]).toEqual([true, true])
    clock.advance(HOUR + 2000 - 1)
    expect(await published()).toEqual([first, second])
    clock.advance(1)
    expect(await published()).toEqual([second])
  })

  it('never lets a token outlive the publication of its key', async () => {
    const clock = handClock()
    running = await startAuthorizationServer({ now: clock.now, clients: [] })
    const { administration, server, tokenEndpoint } = running
    await administration.rotateSigningKey({ announce: HOUR })
    // Declared after the rotation had settled when the first key goes.
    const resource = 'urn:example:long'
    await administration.createResource({
      resource,
      scopes: ['read'],
      tokenLifetimeSeconds: 864_000,
    })
    const made = await administration.createClient({ clientId: 'batch' })
    await administration.grant({ clientId: 'batch', resource, scopes: ['read'] })
    await server.refresh()
    const basic = { clientId: 'batch', clientSecret: made.secret.reveal() }
    const { json } = await postToken(tokenEndpoint, { basic })
    expect(json['expires_in']).toBe(3 * 3600)
  })
})

describe('rotating the master key', () => {
  it('keeps old secrets and old signing keys good, and uses the new key for what is new', async () => {
    const store = memoryStore()
    const old = generateMasterKey(1)
    running = await startAuthorizationServer({ store, masterKeys: [old] })
    const { clientSecret } = running.client
    await running.close()

    const masterKeys = [generateMasterKey(2), old]
    running = await startAuthorizationServer({ store, masterKeys })
    expect(await askWith(clientSecret)).toBe(200)
    const fresh = await running.administration.rotateSecret('billing')
    const key = await running.administration.rotateSigningKey({ announce: 0 })
    await running.server.refresh()
    expect(await askWith(fresh.secret.reveal())).toBe(200)
    const { records } = await store.registry.changesSince(0)
    const versionsOf = (kind: RecordKind): unknown[] =>
      records
        .filter((one) => one.kind === kind)
        .map(({ record }) => 'masterKeyVersion' in record && record.masterKeyVersion)
    expect(versionsOf('credential')).toEqual([1, 2])
    expect(versionsOf('signing_key')).toEqual([1, 2])
    expect(key.masterKeyVersion).toBe(2)
  })

  it('refuses to start where no signing key opens, and says which key cannot be used', async () => {
    const store = memoryStore()
    running = await startAuthorizationServer({ store, masterKeys: [generateMasterKey(1)] })
    for (const masterKeys of [[generateMasterKey(1)], [generateMasterKey(2)]]) {
      const events: ServerEvent[] = []
      const other = createAuthorizationServer({
        issuer: 'https://as.example.test',
        store,
        masterKeys,
        onEvent: (event) => events.push(event),
      })
      await expect(other.ready()).rejects.toMatchObject({ code: 'ERR_SIGNING_KEY' })
      expect(events).toMatchObject([{ type: 'signing_key.unusable', masterKeyVersion: 1 }])
    }
  })

  it('refuses secrets whose master key is gone, and says so', async () => {
    const store = memoryStore()
    const [gone, kept] = [generateMasterKey(1), generateMasterKey(2)]
    const before = createAdministration({ store, masterKeys: [gone] })
    const made = await before.createClient({ clientId: 'billing' })
    running = await startAuthorizationServer({ store, masterKeys: [kept] })
    expect(await askWith(made.secret.reveal())).toBe(401)
    expect(running.events.at(-1)).toMatchObject({ reason: 'master_key_missing' })
  })
})
