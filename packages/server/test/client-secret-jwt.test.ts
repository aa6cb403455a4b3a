import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { assertionForm, goodClaims, present, signJwt } from './assertion-kit.ts'
import { ORDERS } from './two-apis.ts'

let server: RunningAuthorizationServer
let secret = ''
beforeAll(async () => {
  server = await startAuthorizationServer({
    resources: [{ resource: ORDERS, scopes: ['orders:read'] }],
  })
  const { administration } = server
  const credential = { kind: 'secret', sealed: true } as const
  const created = await administration.createClient({ clientId: 'signer', credential })
  secret = created.secret?.reveal() ?? ''
  await administration.grant({ clientId: 'signer', resource: ORDERS, scopes: ['orders:read'] })
  await server.server.refresh()
})
afterAll(() => server.close())

function sign(clientId: string, key: string, alg = 'HS256'): Record<string, string> {
  return assertionForm(signJwt({ alg }, goodClaims(clientId, server.issuer), key))
}

describe('client_secret_jwt', () => {
  it('issues a token for an assertion under the secret, once', async () => {
    const form = sign('signer', secret)
    const { status, event } = await present(server, form)
    expect([status, event]).toMatchObject([200, { method: 'client_secret_jwt' }])
    const again = await present(server, form)
    expect([again.status, again.event]).toMatchObject([401, { reason: 'assertion_replayed' }])
  })

  it.each([
    ['another secret', 'assertion_signature_wrong', () => sign('signer', 'x'.repeat(54))],
    ['an empty secret', 'assertion_signature_wrong', () => sign('signer', '')],
    ['HS512', 'assertion_algorithm_wrong', () => sign('signer', secret, 'HS512')],
    [
      'a client whose secret is kept as a digest only',
      'assertion_algorithm_wrong',
      () => sign('billing', server.client.clientSecret),
    ],
    ['an unknown client', 'client_unknown', () => sign('nobody', secret)],
  ])('refuses %s: %s', async (_what, reason, make) => {
    const { status, event, json } = await present(server, make())
    expect([status, event]).toMatchObject([401, { reason }])
    expect(json['error']).toBe('invalid_client')
  })

  it('goes on through a rotation, and the old secret ends with its overlap', async () => {
    const { administration } = server
    const rotated = await administration.rotateSecret('signer', { overlap: 0 })
    await server.server.refresh()
    expect((await present(server, sign('signer', rotated.secret.reveal()))).status).toBe(200)
    const old = await present(server, sign('signer', secret))
    expect([old.status, old.event]).toMatchObject([401, { reason: 'credential_ended' }])
  })

  it('keeps the secret where nobody without the master key can read it', async () => {
    const everything = JSON.stringify(await server.store.registry.changesSince(0))
    expect(everything).toContain('"sealedSecret":"')
    expect(everything).not.toContain(secret)
  })
})
