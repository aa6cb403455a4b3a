import { describe, expect, it } from 'vitest'
import { UNKNOWN_CONNECTION } from '../http/connection.ts'
import { fromRequest } from '../http/incoming-request.ts'
import type { ClientRecord, CredentialRecord } from '../registry/records.ts'
import { emptySnapshot } from '../registry/snapshot.ts'
import { authenticateClient } from './authenticate-client.ts'
import type { AuthenticationMethod } from './authentication-method.ts'

const CLIENT: ClientRecord = {
  clientId: 'billing',
  name: 'Billing',
  state: 'active',
  authenticationMethods: null,
  createdAt: 0,
}
const CREDENTIAL: CredentialRecord = {
  credentialId: 'one',
  clientId: 'billing',
  label: '',
  state: 'active',
  createdAt: 0,
  expiresAt: null,
  kind: 'public_key',
  publicJwk: {},
  alg: 'ES256',
}

/** A proof that is good, once. */
function singleUse(clientId: string | undefined): AuthenticationMethod {
  let uses = 0
  return () => ({
    clientId,
    verify: () => ({
      ok: true,
      method: 'private_key_jwt',
      credential: CREDENTIAL,
      useUp: async () => uses++ === 0,
    }),
  })
}

function arrangement(clientId: string | undefined) {
  const snapshot = emptySnapshot()
  const client = { kind: 'client', record: CLIENT } as const
  const credential = { kind: 'credential', record: CREDENTIAL } as const
  snapshot.absorb({ revision: 1, records: [client, credential] })
  const request = new Request('https://as.example.test/token', { method: 'POST' })
  const received = { request: fromRequest(request), connection: UNKNOWN_CONNECTION }
  return { received, view: { methods: [singleUse(clientId)], snapshot, now: 0 } }
}

describe('authenticateClient', () => {
  it('leaves a proof that is good for one use to be used up', async () => {
    const { received, view } = arrangement('billing')
    await authenticateClient(received, new Map(), view)
    const client = await authenticateClient(received, new Map(), view)
    expect(client).toMatchObject({ method: 'private_key_jwt', credential: CREDENTIAL })
    await expect(client.useUp?.()).resolves.toBeUndefined()
    await expect(client.useUp?.()).rejects.toMatchObject({
      reason: 'assertion_replayed',
      clientId: 'billing',
    })
  })

  it('takes the client from the proof where the request names none', async () => {
    const { received, view } = arrangement(undefined)
    const { registered } = await authenticateClient(received, new Map(), view)
    expect(registered.client).toBe(CLIENT)
  })

  it('refuses a proof that is about another client than the request names', async () => {
    for (const named of ['other', undefined]) {
      const { received, view } = arrangement(named)
      const form = new Map([['client_id', ['other']]])
      await expect(async () => authenticateClient(received, form, view)).rejects.toMatchObject({
        reason: 'client_id_differs',
      })
    }
  })
})
