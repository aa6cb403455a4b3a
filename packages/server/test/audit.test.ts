import { describe, expect, it, vi } from 'vitest'
import { createAdministration, generateMasterKey, type ServerEvent } from '@countersign/server'
import { memoryStore, startAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'
import { startThreeParties } from './three-parties.ts'
import { metricsOf, watchedStore } from './watched-store.ts'

describe('the audit log', () => {
  it('keeps each refusal with its reason, by the correlation identifier of the answer', async () => {
    const { store } = watchedStore()
    await using running = await startAuthorizationServer({ store })
    const basic = { ...running.client, clientSecret: 'wrong' }
    const { json } = await postToken(running.tokenEndpoint, { basic })
    await running.server.close()
    const correlationId = String(json['correlation_id'])
    const [entry] = await store.audit.find({ correlationId, limit: 2 })
    expect(entry).toMatchObject({
      type: 'token.refused',
      clientId: 'billing',
      detail: { reason: 'secret_malformed', error: 'invalid_client', status: 401 },
    })
  })

  it('is written in batches, by itself', async () => {
    const { store, state } = watchedStore()
    await using parties = await startThreeParties({ store })
    state.entries = []
    state.batches = 0
    const tokens = await Promise.all(
      Array.from({ length: 30 }, () => parties.token(parties.billing)),
    )
    for (const token of tokens) await parties.revoke(token)
    await vi.waitFor(() => expect(state.entries).toHaveLength(30), { timeout: 3000 })
    expect(state.batches).toBeLessThanOrEqual(3)
    expect(state.entries.every(({ type }) => type === 'token.revoked')).toBe(true)
  })

  it('sums a flood up instead of writing it', async () => {
    const { store, state } = watchedStore()
    await using running = await startAuthorizationServer({ store })
    state.entries = []
    for (let i = 0; i < 300; i++) {
      await postToken(running.tokenEndpoint, { basic: { clientId: `c${i}`, clientSecret: 'x' } })
    }
    await postToken(running.tokenEndpoint, { basic: { ...running.client, clientSecret: 'x' } })
    expect(await metricsOf(running.server)).toContain(
      'countersign_audit_entries_suppressed_total 290',
    )
    await running.server.close()
    expect(state.entries).toHaveLength(12)
    expect(state.entries.filter(({ clientId }) => clientId === 'billing')).toHaveLength(1)
    expect(state.entries.at(-1)).toMatchObject({
      type: 'token.refused',
      correlationId: null,
      detail: { reason: 'client_unknown', suppressed: 290 },
    })
  })

  it('loses nothing while its store fails for a while, and says that it does', async () => {
    const { store, state } = watchedStore()
    await using parties = await startThreeParties({ store, followInterval: 3_600_000 })
    const { running } = parties
    state.entries = []
    await parties.revoke(await parties.token(parties.billing))
    state.failing = true
    await vi.waitFor(() => expect(partsFailed(running.events)).toContain('audit'), {
      timeout: 3000,
    })
    expect(state.entries).toEqual([])
    state.failing = false
    await vi.waitFor(() => expect(state.entries).toHaveLength(1), { timeout: 3000 })
    expect(await metricsOf(running.server)).toContain('countersign_audit_entries_waiting 0')
  })
})

describe('the audit log of changes', () => {
  it('says what was created, changed, disabled and enabled, and by whom, before the change returns', async () => {
    const { store, state } = watchedStore()
    const administration = createAdministration({
      store,
      masterKeys: [generateMasterKey()],
      actor: 'alice',
    })
    const { secret } = await administration.createClient({ clientId: 'billing' })
    await administration.createResource({ resource: 'urn:api', scopes: ['read'] })
    await administration.grant({ clientId: 'billing', resource: 'urn:api', scopes: ['read'] })
    await administration.updateResource({ resource: 'urn:api', tokenLifetimeSeconds: 60 })
    await administration.disableClient('billing')
    await administration.enableClient('billing')
    await administration.revokeClientTokens('billing')
    expect(state.entries.map(({ type, detail }) => [type, detail['members']])).toEqual([
      ['client.created', undefined],
      ['credential.created', undefined],
      ['resource.created', undefined],
      ['grant.created', undefined],
      ['resource.changed', ['tokenLifetimeSeconds']],
      ['client.disabled', ['state']],
      ['client.enabled', ['state']],
      ['revocation.created', undefined],
    ])
    expect(state.entries.every(({ detail }) => detail['actor'] === 'alice')).toBe(true)
    expect(state.entries[3]).toMatchObject({
      clientId: 'billing',
      detail: { key: 'billing urn:api' },
    })
    expect(JSON.stringify(state.entries)).not.toContain(secret.reveal())
  })

  it('is written with the change, by a store that keeps both', async () => {
    const store = memoryStore()
    const administration = createAdministration({ store, masterKeys: [generateMasterKey()] })
    await administration.createClient({ clientId: 'billing' })
    const entries = await store.audit.find({ clientId: 'billing', limit: 10 })
    expect(entries.map(({ type }) => type).toSorted()).toEqual([
      'client.created',
      'credential.created',
    ])
  })

  it('that lives elsewhere and fails: says that the change was made, and who makes it again is told so', async () => {
    const { store } = watchedStore()
    const administration = createAdministration({
      store: {
        ...store,
        audit: {
          ...store.audit,
          async append() {
            throw new Error('the disk is on fire')
          },
        },
      },
      masterKeys: [generateMasterKey()],
    })
    await expect(administration.createClient({ clientId: 'billing' })).rejects.toMatchObject({
      code: 'ERR_AUDIT',
      applied: true,
      message: expect.stringContaining('the change was made'),
    })
    await expect(administration.createClient({ clientId: 'billing' })).rejects.toMatchObject({
      code: 'client_exists',
    })
  })
})

describe('the use of credentials', () => {
  it('is counted for tokens, questions and refusals after authentication, in one write', async () => {
    const { store, state } = watchedStore()
    await using parties = await startThreeParties({ store })
    const tokens = await Promise.all([1, 2, 3].map(() => parties.token(parties.billing)))
    await parties.introspect(tokens[0] ?? '')
    await postToken(parties.running.tokenEndpoint, {
      basic: parties.shipping,
      form: { scope: 'unknown' },
    })
    await postToken(parties.running.tokenEndpoint, {
      basic: { ...parties.invoicesApi, clientSecret: 'x' },
    })
    expect(state.uses).toEqual([])
    await parties.running.server.close()
    const uses = state.uses.map(({ clientId, tokens: count }) => [clientId, count] as const)
    expect(uses.toSorted(([one], [other]) => (one < other ? -1 : 1))).toEqual([
      ['billing', 3],
      ['orders-api', 0],
      ['shipping', 0],
    ])
  })

  it('costs no write a token: 500 tokens are one', async () => {
    const { store, state } = watchedStore()
    await using parties = await startThreeParties({ store })
    state.entries = []
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 50 }, () => parties.token(parties.billing)))
    }
    await parties.running.server.close()
    expect(state.uses.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(500)
    // One at the end; more only where this machine took longer than five seconds.
    expect(state.uses.length).toBeLessThan(5)
    expect(state.entries).toEqual([])
  })

  it('is kept while its store fails', async () => {
    const { store, state } = watchedStore()
    const running = await startAuthorizationServer({ store, followInterval: 3_600_000 })
    await postToken(running.tokenEndpoint, { basic: running.client })
    state.failing = true
    await running.server.close()
    expect(partsFailed(running.events)).toContain('usage')
    await postToken(running.tokenEndpoint, { basic: running.client })
    state.failing = false
    await running.server.close()
    expect(state.uses).toMatchObject([{ clientId: 'billing', tokens: 1 }])
    await running.close()
  })
})

function partsFailed(events: readonly ServerEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'store.failed' ? [event.part] : []))
}
