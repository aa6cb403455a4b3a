import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type Signer,
} from '@countersign/server'
import { handClock, memoryStore, startAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'

interface Vault extends Omit<Signer, 'createKey'> {
  createKey: Signer['createKey']
  readonly keys: Map<string, KeyObject>
  readonly calls: string[]
  /** What `sign` does in place of signing. */
  trouble: ((data: Uint8Array) => Promise<Uint8Array>) | undefined
}

/** Keys that never leave this object, as a KMS would have them. */
function vault(algorithms: Signer['algorithms'] = ['ES256']): Vault {
  const keys = new Map<string, KeyObject>()
  const calls: string[] = []
  let made = 0
  return {
    keys,
    calls,
    trouble: undefined,
    algorithms,
    async createKey() {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const key = `key:${++made}`
      keys.set(key, privateKey)
      calls.push(`create ${key}`)
      return { key, publicJwk: { ...publicKey.export({ format: 'jwk' }), note: 'not for all' } }
    },
    async sign(key, _algorithm, data) {
      calls.push(`sign ${key}`)
      if (this.trouble !== undefined) return this.trouble(data)
      const own = keys.get(key)
      if (own === undefined) throw new Error('no such key')
      return sign('sha256', data, { key: own, dsaEncoding: 'ieee-p1363' })
    },
    async destroyKey(key) {
      calls.push(`destroy ${key}`)
      keys.delete(key)
    },
  }
}

describe('a signer', () => {
  it('makes the keys of its algorithms and signs with them; the store has no private half', async () => {
    const signer = vault()
    await using running = await startAuthorizationServer({
      serverOptions: { signers: { kms: signer } },
    })
    const { issuer, tokenEndpoint, client, store } = running
    const { json } = await postToken(tokenEndpoint, { basic: client })
    const jwks = createRemoteJWKSet(new URL(`${issuer}/jwks`))
    await jwtVerify(String(json['access_token']), jwks, { issuer, algorithms: ['ES256'] })
    expect(signer.calls).toEqual(['create key:1', 'sign key:1'])
    const { records } = await store.registry.changesSince(0)
    expect(records.filter(({ kind }) => kind === 'signing_key')).toMatchObject([
      { record: { sealedPrivateKey: null, masterKeyVersion: 0, externalKey: 'kms:key:1' } },
    ])
    const published = await (await fetch(`${issuer}/jwks`)).text()
    expect(published).not.toContain('kms')
    expect(published).not.toContain('not for all')
  })

  it('leaves other algorithms to the store', async () => {
    const signer = vault(['PS256'])
    await using running = await startAuthorizationServer({
      serverOptions: { signers: { kms: signer } },
    })
    expect((await postToken(running.tokenEndpoint, { basic: running.client })).status).toBe(200)
    expect(signer.calls).toEqual([])
  })

  it('takes part in rotation, by schedule and by hand, and destroys what is over', async () => {
    const clock = handClock()
    const signer = vault()
    const DAY = 86_400_000
    await using running = await startAuthorizationServer({
      now: clock.now,
      followInterval: 3_600_000,
      serverOptions: {
        signers: { kms: signer },
        keyRotation: { every: 10 * DAY, announce: DAY, retain: DAY },
      },
    })
    const { administration, server, tokenEndpoint, client } = running
    for (let day = 0; day < 25; day++) {
      clock.advance(DAY)
      await server.refresh()
      expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
    }
    expect(Array.from(signer.keys.keys())).toEqual(['key:3'])
    expect(signer.calls).toEqual(expect.arrayContaining(['destroy key:1', 'destroy key:2']))
    const listed = await administration.listSigningKeys()
    expect(listed.map((key) => key.externalKey)).toEqual([null, null, 'kms:key:3'])
    await administration.rotateSigningKey({ announce: 0 })
    await server.refresh()
    await postToken(tokenEndpoint, { basic: client })
    expect(signer.calls.at(-1)).toBe('sign key:4')
  })

  it('leaves no key behind where another server was quicker', async () => {
    const signer = vault()
    const shared = {
      issuer: 'https://as.example.test',
      store: memoryStore(),
      masterKeys: [generateMasterKey()],
      signers: { kms: signer },
    }
    const servers = Array.from({ length: 4 }, () => createAuthorizationServer(shared))
    await Promise.all(servers.map((one) => one.ready()))
    expect(signer.keys.size).toBe(1)
    for (const one of servers) await one.close()
  })

  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  it.each<[string, NonNullable<Vault['trouble']>, string]>([
    ['fails', () => Promise.reject(new Error('HSM-MARKER')), 'a signer failed'],
    ['never answers', () => new Promise(() => {}), 'did not answer within 50 ms'],
    [
      'signs with another key',
      async (data) => sign('sha256', data, { key: other, dsaEncoding: 'ieee-p1363' }),
      'does not verify',
    ],
    [
      'signs another text',
      async () => sign('sha256', Buffer.from('x'), { key: other, dsaEncoding: 'ieee-p1363' }),
      'does not verify',
    ],
    ['gives a DER signature', async (data) => sign('sha256', data, other), 'does not verify'],
    ['gives nothing', async () => new Uint8Array(), 'does not verify'],
    ['gives something else', async () => undefined as never, 'does not verify'],
  ])(
    'that %s means 503 and an event, never another key; then it works again',
    async (_what, trouble, message) => {
      const signer = vault()
      await using running = await startAuthorizationServer({
        serverOptions: { signers: { kms: signer }, signerTimeout: 50 },
      })
      const { tokenEndpoint, client, events } = running
      signer.trouble = trouble
      const { status, text } = await postToken(tokenEndpoint, { basic: client })
      expect(status).toBe(503)
      expect(text).not.toContain('HSM-MARKER')
      expect(events.at(-1)).toMatchObject({
        type: 'request.failed',
        error: { code: 'ERR_SIGNER', message: expect.stringContaining(message) },
      })
      expect(events.filter(({ type }) => type === 'token.issued')).toEqual([])
      signer.trouble = undefined
      expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
    },
  )

  it('leaves no key behind where two administrators end one at the same time', async () => {
    const signer = vault()
    const store = memoryStore()
    const options = { store, masterKeys: [generateMasterKey()], signers: { kms: signer } }
    const administration = createAdministration(options)
    const { kid } = await administration.rotateSigningKey({ announce: 0 })
    const ended = await Promise.all(
      [administration, createAdministration(options)].map((one) => one.revokeSigningKey(kid)),
    )
    expect(new Set(ended.map(({ successor }) => successor.kid)).size).toBe(1)
    const listed = await administration.listSigningKeys()
    const named = listed.map(({ externalKey }) => externalKey)
    expect(new Set(Array.from(signer.keys.keys(), (key) => `kms:${key}`))).toEqual(new Set(named))
  })

  it('leaves no key behind where others are quicker each time', async () => {
    const signer = vault()
    const store = memoryStore()
    const registry: typeof store.registry = {
      ...store.registry,
      apply: async () => ({
        applied: false,
        conflict: { kind: 'signing_key', key: '', require: 'none' },
      }),
    }
    const administration = createAdministration({
      store: { ...store, registry },
      masterKeys: [generateMasterKey()],
      signers: { kms: signer },
    })
    await expect(administration.rotateSigningKey()).rejects.toMatchObject({ code: 'conflict' })
    expect(signer.calls).toEqual(['create key:1', 'destroy key:1'])
  })

  it('must be there: no server starts without it, and none signs with a key of its own', async () => {
    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    const issuer = 'https://as.example.test'
    const first = createAuthorizationServer({
      issuer,
      store,
      masterKeys,
      signers: { kms: vault() },
    })
    await first.ready()
    await first.close()
    const events: unknown[] = []
    const second = createAuthorizationServer({
      issuer,
      store,
      masterKeys,
      signers: { other: vault(['PS256']) },
      onEvent: (event) => events.push(event),
    })
    await expect(second.ready()).rejects.toMatchObject({ code: 'ERR_SIGNING_KEY' })
    expect(events).toMatchObject([{ type: 'signing_key.unusable', masterKeyVersion: 0 }])
  })

  it('that cannot make a key is told by an event, and tried again', async () => {
    const signer = vault()
    const { createKey } = signer
    const store = memoryStore()
    const masterKeys = [generateMasterKey()]
    const events: unknown[] = []
    const clock = handClock()
    await using server = createAuthorizationServer({
      issuer: 'https://as.example.test',
      store,
      masterKeys,
      now: clock.now,
      signers: { kms: signer },
      onEvent: (event) => events.push(event),
    })
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const broken: readonly Signer['createKey'][] = [
      async () => Promise.reject(new Error('busy')),
      async () => ({ key: 'k', publicJwk: { ...rsa.export({ format: 'jwk' }) } }),
      async () => ({ key: 'k', publicJwk: { ...ec.privateKey.export({ format: 'jwk' }) } }),
      async () => ({ key: '', publicJwk: { ...ec.publicKey.export({ format: 'jwk' }) } }),
      async () => ({ key: 'k', publicJwk: 'x' as never }),
      async () => undefined as never,
    ]
    for (const one of broken) {
      signer.createKey = one
      await expect(server.ready()).rejects.toMatchObject({ code: 'ERR_SIGNING_KEY' })
      expect(events.at(-1)).toMatchObject({ type: 'signing_key.failed', alg: 'ES256' })
      // Not again before half a minute has passed.
      const told = events.length
      await expect(server.ready()).rejects.toMatchObject({ code: 'ERR_SIGNING_KEY' })
      expect(events).toHaveLength(told)
      clock.advance(30_000)
    }
    // What was made and is of no use is not left behind; the one without a name cannot be named.
    expect(signer.calls).toEqual(['destroy k', 'destroy k', 'destroy k'])
    expect((await store.registry.changesSince(0)).records).toEqual([])
    expect(inspect(events, { depth: 10 })).not.toContain('"d"')
    signer.createKey = createKey
    await server.ready()
  })

  it('that makes a key too late has it destroyed when it comes', async () => {
    const signer = vault()
    const { createKey } = signer
    const gate = Promise.withResolvers<void>()
    signer.createKey = async (algorithm) => {
      await gate.promise
      return createKey(algorithm)
    }
    await using server = createAuthorizationServer({
      issuer: 'https://as.example.test',
      store: memoryStore(),
      masterKeys: [generateMasterKey()],
      signers: { kms: signer },
      signerTimeout: 10,
    })
    await expect(server.ready()).rejects.toMatchObject({ code: 'ERR_SIGNING_KEY' })
    gate.resolve()
    await vi.waitFor(() => expect(signer.calls).toEqual(['create key:1', 'destroy key:1']))
    expect(signer.keys.size).toBe(0)
  })

  it('is refused at once where it is none', () => {
    const good = { store: memoryStore(), masterKeys: [generateMasterKey()] }
    for (const signers of [
      'kms',
      { kms: {} },
      { kms: { ...vault(), algorithms: ['HS256'] } },
      { 'a:b': vault() },
    ]) {
      expect(() => createAdministration({ ...good, signers: signers as never })).toThrow(
        "'signers'",
      )
    }
  })
})
