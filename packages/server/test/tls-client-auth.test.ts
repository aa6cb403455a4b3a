import { createHash, X509Certificate } from 'node:crypto'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewCredential, RefusalReason } from '@countersign/server'
import { startAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'
import {
  CLIENT,
  FORGED_CLIENT,
  OTHER_CLIENT,
  SELF_SIGNED,
  WILDCARD_CLIENT,
  type Identity,
} from './test-certificates.ts'
import { startTlsServer, type TlsServer } from './tls-server.ts'
import { ORDERS } from './two-apis.ts'

const CREDENTIALS: Readonly<Record<string, NewCredential>> = {
  dns: { kind: 'certificate_subject', member: 'san_dns', value: 'billing.clients.example' },
  uri: { kind: 'certificate_subject', member: 'san_uri', value: 'spiffe://example.org/billing' },
  email: { kind: 'certificate_subject', member: 'san_email', value: 'ops@example.org' },
  ip: { kind: 'certificate_subject', member: 'san_ip', value: '192.0.2.7' },
  dn: { kind: 'certificate_subject', member: 'subject_dn', value: 'CN=billing, O=Acme, C=DE' },
  any: { kind: 'certificate_subject', member: 'san_dns', value: 'any.clients.example' },
  pinned: { kind: 'certificate', certificate: SELF_SIGNED.cert },
  secret: { kind: 'secret' },
}

function derOf({ cert }: Identity): Buffer {
  return new X509Certificate(cert).raw
}

function thumbprintOf(identity: Identity): string {
  return createHash('sha256').update(derOf(identity)).digest('base64url')
}

let tls: TlsServer
let secret = ''
beforeAll(async () => {
  tls = await startTlsServer()
  for (const [clientId, credential] of Object.entries(CREDENTIALS)) {
    const made = await tls.administration.createClient({ clientId, credential })
    secret = made.secret?.reveal() ?? secret
    await tls.administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
  }
  await tls.server.refresh()
})
afterAll(() => tls[Symbol.asyncDispose]())

describe('tls_client_auth', () => {
  it.each(['dns', 'uri', 'email', 'ip', 'dn'])(
    '[std:125] [std:128] lets a certificate of the authority in by its %s',
    async (client_id) => {
      const { status } = await tls.post({ client_id }, { identity: CLIENT })
      expect([status, tls.events.at(-1)]).toMatchObject([200, { method: 'tls_client_auth' }])
    },
  )
})

describe('self_signed_tls_client_auth', () => {
  it('[std:129] lets the registered certificate in, whoever signed it', async () => {
    const { status } = await tls.post({ client_id: 'pinned' }, { identity: SELF_SIGNED })
    const method = 'self_signed_tls_client_auth'
    expect([status, tls.events.at(-1)]).toMatchObject([200, { method }])
  })
})

describe('a client certificate', () => {
  it.each<[string, string, Identity | undefined, RefusalReason]>([
    ['none at all', 'dns', undefined, 'credentials_missing'],
    ['another of the authority', 'dns', OTHER_CLIENT, 'certificate_unknown'],
    [
      'one with the right names that it signed itself',
      'dns',
      FORGED_CLIENT,
      'certificate_unverified',
    ],
    [
      'one with the right subject that it signed itself',
      'dn',
      FORGED_CLIENT,
      'certificate_unverified',
    ],
    ['a wildcard', 'any', WILDCARD_CLIENT, 'certificate_unknown'],
    ['one of the authority where another is registered', 'pinned', CLIENT, 'certificate_unknown'],
    ['one for a client that has a secret only', 'secret', CLIENT, 'certificate_unknown'],
    ['one for a client that does not exist', 'nobody', CLIENT, 'client_unknown'],
  ])('is refused where it is %s', async (_what, client_id, identity, reason) => {
    const { status, json } = await tls.post(
      { client_id },
      identity === undefined ? {} : { identity },
    )
    expect(tls.events.at(-1)).toMatchObject({ type: 'token.refused', reason })
    expect([status, json['error']]).toEqual([401, 'invalid_client'])
  })

  it('beside a secret is no second method, and no help to a wrong one', async () => {
    const form = { client_id: 'secret', client_secret: secret }
    expect((await tls.post(form, { identity: CLIENT })).status).toBe(200)
    const wrong = { client_id: 'dns', client_secret: secret }
    expect((await tls.post(wrong, { identity: CLIENT })).status).toBe(401)
    const basic = { authorization: `Basic ${btoa(`dns:${secret}`)}` }
    const both = await tls.post({ client_id: 'dns' }, { identity: CLIENT, headers: basic })
    expect([both.status, tls.events.at(-1)]).toMatchObject([401, { reason: 'secret_wrong' }])
  })

  it('in a header means nothing where certificates come by the connection', async () => {
    const header = `:${derOf(CLIENT).toString('base64')}:`
    const { status } = await tls.post({ client_id: 'dns' }, { headers: { 'client-cert': header } })
    expect([status, tls.events.at(-1)]).toMatchObject([401, { reason: 'credentials_missing' }])
  })

  it('[std:130] binds the token where the resource wants that, and only there', async () => {
    const { administration, server } = tls
    const bearer = await tls.post({ client_id: 'dns' }, { identity: CLIENT })
    expect(decodeJwt(String(bearer.json['access_token']))).not.toHaveProperty('cnf')
    for (const senderConstraint of ['certificate', 'any'] as const) {
      await administration.updateResource({ resource: ORDERS, senderConstraint })
      await server.refresh()
      const { json } = await tls.post({ client_id: 'dns' }, { identity: CLIENT })
      expect(json['token_type']).toBe('Bearer')
      expect(decodeJwt(String(json['access_token']))['cnf']).toEqual({
        'x5t#S256': thumbprintOf(CLIENT),
      })
      // Whoever authenticates otherwise is bound to the certificate of the connection all the same.
      const form = { client_id: 'secret', client_secret: secret }
      const bound = await tls.post(form, { identity: SELF_SIGNED })
      expect(decodeJwt(String(bound.json['access_token']))['cnf']).toEqual({
        'x5t#S256': thumbprintOf(SELF_SIGNED),
      })
      // [std:131]
      const unbound = await tls.post(form)
      expect([unbound.status, tls.events.at(-1)]).toMatchObject([
        400,
        { reason: 'sender_constraint_missing' },
      ])
    }
    await administration.updateResource({ resource: ORDERS, senderConstraint: 'none' })
    await server.refresh()
  })
})

describe('a client certificate in the header of a proxy', () => {
  const header = `:${derOf(CLIENT).toString('base64')}:`

  it.each<[string, string, 'always' | 'never', number, RefusalReason | undefined]>([
    ['a trusted proxy that checks the chain', '127.0.0.0/8', 'always', 200, undefined],
    ['a trusted proxy that does not', '127.0.0.0/8', 'never', 401, 'certificate_unverified'],
    ['anybody else', '10.0.0.0/8', 'always', 401, 'certificate_proxy_untrusted'],
  ])('[std:137] from %s', async (_who, range, verified, status, reason) => {
    const clientCertificates = { format: 'rfc9440', trustedProxies: [range], verified } as const
    await using running = await startAuthorizationServer({
      resources: [{ resource: ORDERS, scopes: ['orders:read'] }],
      serverOptions: { clientCertificates, mtlsOrigin: 'https://mtls.example.test' },
    })
    const { administration, server, tokenEndpoint, events } = running
    const credential = CREDENTIALS['dns'] ?? null
    await administration.createClient({ clientId: 'dns', credential })
    await administration.grant({ clientId: 'dns', resource: ORDERS, scopes: ['orders:read'] })
    await server.refresh()
    const headers = { 'client-cert': header }
    const answer = await postToken(tokenEndpoint, { form: { client_id: 'dns' }, headers })
    expect(answer.status).toBe(status)
    expect(events.at(-1)).toMatchObject(
      reason === undefined ? { method: 'tls_client_auth' } : { reason },
    )
    const several = { 'client-cert': `${header}, ${header}` }
    const twice = await postToken(tokenEndpoint, { form: { client_id: 'dns' }, headers: several })
    expect(twice.status).toBe(401)
    expect(events.at(-1)).toMatchObject({
      reason: range === '10.0.0.0/8' ? 'certificate_proxy_untrusted' : 'certificate_malformed',
    })
  })

  it('[std:126] [std:132] is told of in the metadata, with where to call', async () => {
    const mtlsOrigin = 'https://mtls.example.test'
    await using running = await startAuthorizationServer({
      serverOptions: {
        clientCertificates: { format: 'rfc9440', trustedProxies: ['10.0.0.1'] },
        mtlsOrigin,
      },
      path: '/tenant',
    })
    const { origin } = running
    const url = `${origin}/.well-known/oauth-authorization-server/tenant`
    const metadata: unknown = await (await fetch(url)).json()
    expect(metadata).toMatchObject({
      token_endpoint_auth_methods_supported: expect.arrayContaining([
        'tls_client_auth',
        'self_signed_tls_client_auth',
      ]),
      tls_client_certificate_bound_access_tokens: true,
      mtls_endpoint_aliases: {
        token_endpoint: `${mtlsOrigin}/tenant/token`,
        introspection_endpoint: `${mtlsOrigin}/tenant/introspect`,
        revocation_endpoint: `${mtlsOrigin}/tenant/revoke`,
      },
    })
  })
})
