import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handClock, memoryStore } from '@countersign/testkit'
import { postForm } from './post-form.ts'
import { startThreeParties, type ThreeParties } from './three-parties.ts'

const INACTIVE = { active: false }

let parties: ThreeParties
beforeAll(async () => {
  parties = await startThreeParties()
})
afterAll(() => parties.close())

async function isActive(token: string, { introspect }: ThreeParties = parties): Promise<unknown> {
  return (await introspect(token)).json['active']
}

/** The marks on single tokens in the store. */
async function marks({ running: { store } }: ThreeParties): Promise<readonly string[]> {
  const { records } = await store.registry.changesSince(0)
  return records.flatMap((one) =>
    one.kind === 'revocation' && one.record.target === 'token' ? [one.record.id] : [],
  )
}

describe('the revocation endpoint', () => {
  it('[std:61] [std:62] ends a token of its own client, for every node that shares the store', async () => {
    const { store, masterKeys, issuer } = parties.running
    const token = await parties.token(parties.billing)
    expect(await isActive(token)).toBe(true)
    const { status, text, headers } = await parties.revoke(token)
    expect([status, text, headers.get('cache-control')]).toEqual([200, '', 'no-store'])
    expect((await parties.introspect(token)).json).toEqual(INACTIVE)
    expect(parties.running.events.findLast(({ type }) => type === 'token.revoked')).toMatchObject({
      clientId: 'billing',
      jti: decodeJwt(token).jti,
    })
    const { createAuthorizationServer } = await import('@countersign/server')
    const node = createAuthorizationServer({ issuer, store, masterKeys })
    await node.ready()
    const asked = await node.fetch(
      new Request(`${issuer}/introspect`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${btoa(`orders-api:${parties.ordersApi.clientSecret}`)}`,
        },
        body: new URLSearchParams({ token }),
      }),
    )
    expect(await asked.json()).toEqual(INACTIVE)
    await node.close()
  })

  it('keeps the mark as long as a verifier could take the token, and no longer', async () => {
    const clock = handClock(1_800_000_000_000)
    await using turned = await startThreeParties({ now: clock.now })
    const token = await turned.token(turned.billing)
    await turned.revoke(token)
    const [mark] = await turned.running.administration.listRevocations()
    expect(mark).toMatchObject({
      target: 'token',
      id: decodeJwt(token).jti,
      expiresAt: (decodeJwt(token).exp ?? 0) * 1000 + 60_000,
    })
  })

  it('[std:64] says 200 to a token that is unknown, forged, expired or revoked already, and writes nothing', async () => {
    const clock = handClock(Date.now())
    await using turned = await startThreeParties({ now: clock.now })
    const token = await turned.token(turned.billing)
    expect((await turned.revoke(token)).status).toBe(200)
    const before = (await turned.running.store.registry.changesSince(0)).revision
    expect((await turned.revoke(token)).status).toBe(200)
    const [header, , signature] = token.split('.')
    const claims = { ...decodeJwt(token), jti: 'forged' }
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    for (const other of ['x', `${header}.${payload}.${signature}`, 'x'.repeat(16_000)]) {
      expect((await turned.revoke(other)).status).toBe(200)
    }
    const late = await turned.token(turned.billing)
    clock.advance(3_601_000)
    expect((await turned.revoke(late)).status).toBe(200)
    expect((await turned.running.store.registry.changesSince(0)).revision).toBe(before)
  })

  it('[std:61] refuses a token of another client, which stays alive', async () => {
    const token = await parties.token(parties.billing)
    const { status, json } = await parties.revoke(token, parties.shipping)
    expect([status, json['error']]).toEqual([400, 'invalid_grant'])
    expect(parties.running.events.at(-1)).toMatchObject({
      type: 'revocation.refused',
      reason: 'token_of_another_client',
      clientId: 'shipping',
      correlationId: json['correlation_id'],
    })
    expect(await isActive(token)).toBe(true)
  })

  it('wants an authenticated client, a POST and a token', async () => {
    const url = `${parties.running.issuer}/revoke`
    const token = await parties.token(parties.billing)
    const stranger = await postForm(url, { form: { token } })
    expect([stranger.status, stranger.json['error']]).toEqual([401, 'invalid_client'])
    const none = await postForm(url, { basic: parties.billing })
    expect([none.status, none.json['error']]).toEqual([400, 'invalid_request'])
    const get = await fetch(`${url}?token=${token}`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await isActive(token)).toBe(true)
  })

  it.each(['refresh_token', 'access_token', 'pumpkin', ''])(
    '[std:63] finds the token whatever the hint: %j',
    async (hint) => {
      const token = await parties.token(parties.billing)
      const { status } = await postForm(`${parties.running.issuer}/revoke`, {
        basic: parties.billing,
        form: { token, token_type_hint: hint },
      })
      expect([status, await isActive(token)]).toEqual([200, false])
    },
  )

  it('ends a token of a resource that is disabled just then: enabling it brings no token back', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    const { store, server } = all.running
    const { records } = await store.registry.changesSince(0)
    const resources = records.filter((one) => one.kind === 'resource')
    const setState = async (state: 'active' | 'disabled'): Promise<void> => {
      await store.registry.apply(
        resources.map(({ kind, record }) => ({
          kind,
          record: { ...record, state },
          require: 'present',
        })),
      )
      await server.refresh()
    }
    await setState('disabled')
    expect((await all.revoke(token)).status).toBe(200)
    await setState('active')
    expect(await isActive(token, all)).toBe(false)
    expect(await marks(all)).toEqual([decodeJwt(token).jti])
  })

  it.each(['write', 'read'] as const)(
    '[std:60] says 503, never 200, where the store fails to %s',
    async (step) => {
      const inner = memoryStore()
      let failing = false
      const onFire = async (): Promise<never> => {
        throw new Error('the disk is on fire')
      }
      const { registry } = inner
      const store = {
        ...inner,
        registry: {
          ...registry,
          apply: (changes: Parameters<typeof registry.apply>[0]) =>
            failing && step === 'write' ? onFire() : registry.apply(changes),
          changesSince: (revision: number) =>
            failing && step === 'read' ? onFire() : registry.changesSince(revision),
        },
      }
      await using all = await startThreeParties({ store, followInterval: 3_600_000 })
      const token = await all.token(all.billing)
      failing = true
      const { status, headers, json } = await all.revoke(token)
      expect([status, json['error']]).toEqual([503, 'temporarily_unavailable'])
      expect(headers.get('retry-after')).toBe('1')
      expect(json['correlation_id']).toMatch(/^[\da-f-]{36}$/)
      expect(all.running.events.at(-1)?.type).toBe('request.failed')
      failing = false
      expect((await all.revoke(token)).status).toBe(200)
      expect(await isActive(token, all)).toBe(false)
    },
  )
})

describe('the administration of revocation', () => {
  it('names what it does not know', async () => {
    const { administration } = parties.running
    await expect(administration.revokeClientTokens('biling')).rejects.toMatchObject({
      code: 'client_unknown',
    })
    await expect(administration.revokeCredentialTokens('x')).rejects.toMatchObject({
      code: 'credential_unknown',
    })
    await expect(administration.revokeKeyTokens('x')).rejects.toMatchObject({
      code: 'signing_key_unknown',
    })
    await expect(administration.revokeResourceTokens('urn:x')).rejects.toMatchObject({
      code: 'resource_unknown',
    })
    await expect(administration.revokeToken('x'.repeat(257))).rejects.toMatchObject({
      code: 'ERR_ARGUMENT_VALUE',
    })
  })
})
