import { createHook } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isGeneratedSecret } from '@countersign/server'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import type { FormAnswer } from './post-form.ts'
import { postToken } from './post-token.ts'
import { ORDERS } from './two-apis.ts'

/** Slow checks begun since the last look, by what the runtime itself says of them. */
let begun = 0
const hook = createHook({
  init(_id, type) {
    if (type === 'SCRYPTREQUEST') begun++
  },
})
function slowChecks(): number {
  const count = begun
  begun = 0
  return count
}

const CHOSEN = 'correct horse battery staple'
let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({
    resources: [{ resource: ORDERS, scopes: ['orders:read'] }],
    clients: [
      { clientId: 'billing', grants: [{ resource: ORDERS, scopes: ['orders:read'] }] },
      { clientId: 'imported', grants: [{ resource: ORDERS, scopes: ['orders:read'] }] },
    ],
  })
  hook.enable()
})
afterAll(async () => {
  hook.disable()
  await server.close()
})

function ask(clientId: string, clientSecret: string): Promise<FormAnswer> {
  return postToken(server.tokenEndpoint, {
    form: { client_id: clientId, client_secret: clientSecret },
  })
}

const reason = (): unknown => {
  const event = server.events.at(-1)
  return event?.type === 'token.refused' ? event.reason : event?.type
}

describe('a secret that somebody chose', () => {
  it('costs no slow check where no client has one', async () => {
    expect((await ask('imported', CHOSEN)).status).toBe(401)
    expect([reason(), slowChecks()]).toEqual(['secret_malformed', 0])
  })

  it('is imported, and checked slowly once in the life of the process', async () => {
    const credential = { kind: 'imported_secret', secret: CHOSEN } as const
    await server.administration.addCredential('imported', credential)
    await server.server.refresh()
    expect(slowChecks()).toBe(1)
    const many = await Promise.all(Array.from({ length: 30 }, () => ask('imported', CHOSEN)))
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await ask('imported', CHOSEN)).status).toBe(200)
    expect(slowChecks()).toBe(1)
  })

  it('is in no record and no event', async () => {
    const everything = JSON.stringify(await server.store.registry.changesSince(0))
    expect(everything).toContain('"hash":"scrypt$32768$8$3$')
    expect(everything + JSON.stringify(server.events)).not.toContain(CHOSEN)
  })

  it.each([
    ['a client that has one', 'imported', 'secret_wrong'],
    ['a client that has a generated one', 'billing', 'secret_malformed'],
    ['a client that does not exist', 'nobody', 'client_unknown'],
  ])('when wrong costs the same for %s', async (_who, clientId, expected) => {
    const guess = `a wrong guess for ${clientId}`
    expect((await ask(clientId, guess)).status).toBe(401)
    expect([reason(), slowChecks()]).toEqual([expected, 1])
    expect((await ask(clientId, guess)).status).toBe(401)
    expect(slowChecks()).toBe(0)
  })

  it('that has the form of a generated one costs no slow check for anybody', async () => {
    for (const clientId of ['imported', 'billing', 'nobody']) {
      expect((await ask(clientId, server.secrets['imported'] ?? '')).status).toBe(
        clientId === 'imported' ? 200 : 401,
      )
    }
    expect(slowChecks()).toBe(0)
  })

  it('costs one check, not two, while it rotates, and the old one ends', async () => {
    const next = 'another passphrase, as bad'
    const { administration } = server
    await administration.addCredential('imported', { kind: 'imported_secret', secret: next })
    await server.server.refresh()
    slowChecks()
    expect((await ask('imported', next)).status).toBe(200)
    expect(slowChecks()).toBe(1)
    expect((await ask('imported', 'neither of the two')).status).toBe(401)
    expect(slowChecks()).toBe(1)
    const clients = await administration.listClients()
    const old = clients
      .find(({ clientId }) => clientId === 'imported')
      ?.credentials.find(({ kind }) => kind === 'imported_secret')
    await administration.retireCredential(old?.credentialId ?? '')
    await server.server.refresh()
    expect((await ask('imported', CHOSEN)).status).toBe(401)
    expect([reason(), slowChecks()]).toEqual(['secret_expired', 0])
  })

  it('is not checked without end: those who come too many get 503, others are served', async () => {
    const guesses = Array.from({ length: 60 }, (_, i) => ask('imported', `guess number ${i}`))
    const known = ask('imported', 'another passphrase, as bad')
    const generated = ask('billing', server.client.clientSecret)
    expect([(await known).status, (await generated).status]).toEqual([200, 200])
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(30)
    expect(new Set(statuses)).toEqual(new Set([401, 503]))
    expect(slowChecks()).toBeLessThanOrEqual(18)
  }, 60_000)

  it('that another server of this kind made is kept as a digest: it is random already', async () => {
    const { administration } = server
    await using elsewhere = await startAuthorizationServer()
    const secret = elsewhere.client.clientSecret
    expect(isGeneratedSecret(secret)).toBe(true)
    const credential = { kind: 'imported_secret', secret } as const
    const { credential: made } = await administration.addCredential('billing', credential)
    expect(made.kind).toBe('secret')
    await server.server.refresh()
    expect((await ask('billing', secret)).status).toBe(200)
  })
})
