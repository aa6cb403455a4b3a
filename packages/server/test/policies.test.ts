import { expect, it, describe } from 'vitest'
import type { RegistryRecord } from '@countersign/server'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'

/** Writes the one record of a kind anew, with some members changed. */
async function change(
  running: RunningAuthorizationServer,
  kind: RegistryRecord['kind'],
  members: object,
): Promise<void> {
  const { records } = await running.store.registry.changesSince(0)
  const one = records.find((record) => record.kind === kind)
  if (one === undefined) throw new Error(`there is no ${kind}`)
  const changed = { kind, record: { ...one.record, ...members }, require: 'present' }
  await running.store.registry.apply([changed as never])
  await running.server.refresh()
}

describe('a policy', () => {
  it('of a client refuses the methods it does not name, although the secret is right', async () => {
    await using running = await startAuthorizationServer()
    const { tokenEndpoint, client, events } = running
    await change(running, 'client', { authenticationMethods: ['client_secret_post'] })
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(401)
    expect(events.at(-1)).toMatchObject({ reason: 'method_not_allowed', clientId: client.clientId })
    await change(running, 'client', { authenticationMethods: ['client_secret_basic'] })
    expect((await postToken(tokenEndpoint, { basic: client })).status).toBe(200)
  })

  it('of a resource refuses bearer tokens where they must be bound', async () => {
    await using running = await startAuthorizationServer()
    const { tokenEndpoint, client, events } = running
    await change(running, 'resource', { senderConstraint: 'any' })
    const { status, json } = await postToken(tokenEndpoint, { basic: client })
    expect([status, json['error']]).toEqual([400, 'invalid_request'])
    expect(events.at(-1)).toMatchObject({ reason: 'sender_constraint_missing' })
  })

  it('of a grant shortens the lifetime of the resource', async () => {
    await using running = await startAuthorizationServer()
    const { tokenEndpoint, client } = running
    await change(running, 'grant', { tokenLifetimeSeconds: 60 })
    expect((await postToken(tokenEndpoint, { basic: client })).json['expires_in']).toBe(60)
    await change(running, 'grant', { tokenLifetimeSeconds: 86_400 })
    expect((await postToken(tokenEndpoint, { basic: client })).json['expires_in']).toBe(3600)
  })
})
