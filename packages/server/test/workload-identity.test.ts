import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NewFederatedIdentity, RefusalReason } from '@countersign/server'
import {
  startAuthorizationServer,
  startLoopbackServer,
  type LoopbackServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import {
  assertionForm,
  assertionKey,
  present,
  signJwt,
  type AssertionKey,
} from './assertion-kit.ts'
import { ORDERS } from './two-apis.ts'

const JWT_SPIFFE = 'urn:ietf:params:oauth:client-assertion-type:jwt-spiffe'
const TRUST_DOMAIN = 'spiffe://example.org'
const SPIFFE_ID = `${TRUST_DOMAIN}/ns/shop/sa/billing`
const POD = 'system:serviceaccount:shop:billing'
const REPOSITORY = 'repo:acme/billing:ref:refs/heads/main'

/** An issuer on loopback that publishes metadata and one key. */
interface Issuer {
  readonly site: LoopbackServer
  readonly issuer: string
  readonly key: AssertionKey
}

async function startIssuer(use: string, alg = 'RS256'): Promise<Issuer> {
  const key = assertionKey(alg)
  const site = await startLoopbackServer((request) => {
    const { pathname, origin } = new URL(request.url)
    if (pathname === '/keys') return Response.json({ keys: [{ ...key.publicJwk, kid: 'k1', use }] })
    if (!pathname.includes('/.well-known/')) return new Response(null, { status: 404 })
    return Response.json({ issuer: origin, jwks_uri: `${origin}/keys` })
  })
  return { site, issuer: site.origin, key }
}

let server: RunningAuthorizationServer
let cluster: Issuer
let forge: Issuer
let mesh: Issuer

async function addClient(clientId: string, identity: Omit<NewFederatedIdentity, 'kind'>) {
  const { administration } = server
  const credential = { kind: 'federated', ...identity } as const
  await administration.createClient({ clientId, credential })
  await administration.grant({ clientId, resource: ORDERS, scopes: ['orders:read'] })
}

beforeAll(async () => {
  server = await startAuthorizationServer({
    resources: [{ resource: ORDERS, scopes: ['orders:read'] }],
  })
  cluster = await startIssuer('sig')
  forge = await startIssuer('sig')
  mesh = await startIssuer('jwt-svid', 'ES256')
  const { administration } = server
  await administration.createTrustedIssuer({ issuer: cluster.issuer, singleUse: false })
  await administration.createTrustedIssuer({ issuer: forge.issuer, maxLifetimeSeconds: 600 })
  await administration.createTrustedIssuer({
    issuer: TRUST_DOMAIN,
    jwksUri: `${mesh.issuer}/keys`,
  })
  await addClient('pod', { issuer: cluster.issuer, subject: POD })
  await addClient('workflow', {
    issuer: forge.issuer,
    subject: REPOSITORY,
    audience: 'https://as.example.test',
    claims: { repository: 'acme/billing', environment: 'production' },
  })
  await addClient('svid', { issuer: TRUST_DOMAIN, subject: SPIFFE_ID })
  await addClient('twin-1', { issuer: cluster.issuer, subject: 'twins' })
  await addClient('twin-2', { issuer: cluster.issuer, subject: 'twins' })
  await server.server.refresh()
})
afterAll(async () => {
  await Promise.all([cluster.site.close(), forge.site.close(), mesh.site.close()])
  await server.close()
})

const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/** A token of a pod, as Kubernetes projects them: for an hour, its audience a list. */
function podToken(claims: Record<string, unknown> = {}, key = cluster.key): string {
  const now = nowSeconds()
  return signJwt(
    { alg: key.alg, kid: 'k1' },
    {
      iss: cluster.issuer,
      sub: POD,
      aud: [server.issuer],
      iat: now,
      nbf: now,
      exp: now + 3600,
      jti: 'the-same-in-each',
      'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'billing' } },
      ...claims,
    },
    key.privateKey,
  )
}

/** A token of a workflow, as GitHub makes them. */
function workflowToken(claims: Record<string, unknown> = {}): string {
  const now = nowSeconds()
  return signJwt(
    { alg: 'RS256', kid: 'k1', typ: 'JWT' },
    {
      iss: forge.issuer,
      sub: REPOSITORY,
      aud: 'https://as.example.test',
      iat: now,
      nbf: now - 300,
      exp: now + 300,
      jti: crypto.randomUUID(),
      repository: 'acme/billing',
      environment: 'production',
      ref: 'refs/heads/main',
      ...claims,
    },
    forge.key.privateKey,
  )
}

/** A JWT-SVID, as SPIRE makes them: no iss, no jti. */
function svid(claims: Record<string, unknown> = {}, key = mesh.key): string {
  const now = nowSeconds()
  return signJwt(
    { alg: 'ES256', kid: 'k1', typ: 'JOSE' },
    { sub: SPIFFE_ID, aud: [server.issuer], iat: now, exp: now + 300, ...claims },
    key.privateKey,
  )
}

async function outcome(form: Record<string, string>): Promise<unknown> {
  const { event } = await present(server, form)
  if (event?.type === 'token.issued') return event.clientId
  return event?.type === 'token.refused' ? event.reason : event?.type
}

describe('an assertion about a workload', () => {
  it('of Kubernetes lets its client in, with or without its name, again and again', async () => {
    const form = assertionForm(podToken())
    expect(await outcome(form)).toBe('pod')
    expect(await outcome(form)).toBe('pod')
    expect(await outcome({ ...form, client_id: 'pod' })).toBe('pod')
    expect(server.events.at(-1)).toMatchObject({ method: 'private_key_jwt' })
  })

  it('of GitHub lets its client in, once for each token', async () => {
    const form = assertionForm(workflowToken())
    expect(await outcome(form)).toBe('workflow')
    expect(await outcome(form)).toBe('assertion_replayed')
  })

  it('[std:145] [std:147] of SPIFFE lets its client in by the keys of its trust domain', async () => {
    const form = { ...assertionForm(svid()), client_assertion_type: JWT_SPIFFE }
    expect(await outcome(form)).toBe('svid')
    expect(await outcome(form)).toBe('svid')
    // [std:148] What `iss` says is nobody's business there.
    expect(await outcome(assertionForm(svid({ iss: 'https://spire.example.org' })))).toBe('svid')
    expect(await outcome(assertionForm(svid({ iss: cluster.issuer })))).toBe('svid')
  })

  it('finds keys by metadata, once', () => {
    const paths = cluster.site.requests.map(({ path }) => path)
    expect(paths.filter((path) => path === '/keys')).toHaveLength(1)
  })

  it.each<[string, RefusalReason, () => Record<string, string>]>([
    [
      'names a client that is not the one',
      'identity_unknown',
      () => assertionForm(podToken(), 'workflow'),
    ],
    ['names a client that does not exist', 'client_unknown', () => assertionForm(podToken(), 'no')],
    [
      'is about another workload',
      'identity_unknown',
      () => assertionForm(podToken({ sub: `${POD}-2` })),
    ],
    ['is about nobody', 'identity_unknown', () => assertionForm(podToken({ sub: undefined }))],
    [
      'fits two clients and names neither',
      'identity_ambiguous',
      () => assertionForm(podToken({ sub: 'twins' })),
    ],
    [
      'is for another audience',
      'assertion_audience_wrong',
      () => assertionForm(podToken({ aud: ['https://kubernetes.default.svc'] })),
    ],
    [
      'is for another audience as well',
      'assertion_audience_wrong',
      () => assertionForm(podToken({ aud: [server.issuer, 'https://other.example.test'] })),
    ],
    [
      'has no audience',
      'assertion_audience_wrong',
      () => assertionForm(podToken({ aud: undefined })),
    ],
    [
      'has our issuer where another audience was agreed on',
      'assertion_audience_wrong',
      () => assertionForm(workflowToken({ aud: server.issuer })),
    ],
    [
      'comes from another environment',
      'identity_claims_differ',
      () => assertionForm(workflowToken({ environment: 'staging' })),
    ],
    [
      'has a claim of another type',
      'identity_claims_differ',
      () => assertionForm(workflowToken({ environment: ['production'] })),
    ],
    [
      'lacks a claim',
      'identity_claims_differ',
      () => assertionForm(workflowToken({ repository: undefined })),
    ],
    ['has no exp', 'assertion_claim_missing', () => assertionForm(podToken({ exp: undefined }))],
    [
      'has expired',
      'assertion_expired',
      () => assertionForm(podToken({ iat: nowSeconds() - 7200, exp: nowSeconds() - 3600 })),
    ],
    [
      'lives too long',
      'assertion_life_too_long',
      () => assertionForm(podToken({ exp: nowSeconds() + 86_400 })),
    ],
    [
      'has lived too long, though its end is near',
      'assertion_life_too_long',
      () => assertionForm(workflowToken({ iat: nowSeconds() - 86_400 })),
    ],
    [
      'is signed by another issuer that is trusted too',
      'assertion_signature_wrong',
      () => assertionForm(podToken({}, { ...forge.key, alg: 'RS256' })),
    ],
    [
      'is signed with an algorithm that nobody agreed on',
      'assertion_algorithm_wrong',
      () => assertionForm(signJwt({ alg: 'HS256' }, { iss: cluster.issuer, sub: POD }, 'secret')),
    ],
    [
      'is of a trust domain and signed by somebody else',
      'assertion_signature_wrong',
      () => assertionForm(svid({ iss: cluster.issuer }, { ...assertionKey('ES256') })),
    ],
    [
      'is of a trust domain that nobody trusts',
      'assertion_issuer_unknown',
      () => assertionForm(svid({ sub: 'spiffe://evil.example/billing', iss: TRUST_DOMAIN })),
    ],
    [
      'gives a client identifier as its subject',
      'identity_unknown',
      () => assertionForm(podToken({ sub: 'billing' })),
    ],
  ])('is refused where it %s: %s', async (_what, reason, make) => {
    expect(await outcome(make())).toBe(reason)
  })

  it('of an issuer that is disabled is refused, and its keys are not asked for', async () => {
    const { administration } = server
    await administration.disableTrustedIssuer(cluster.issuer)
    await server.server.refresh()
    const asked = cluster.site.requests.length
    expect(await outcome(assertionForm(podToken()))).toBe('issuer_disabled')
    expect(cluster.site.requests).toHaveLength(asked)
    await administration.enableTrustedIssuer(cluster.issuer)
    await server.server.refresh()
    expect(await outcome(assertionForm(podToken()))).toBe('pod')
  })

  it('by keys that were given, not published, asks nobody', async () => {
    const { administration } = server
    const key = assertionKey('ES256')
    const issuer = 'https://offline.example.test'
    await administration.createTrustedIssuer({ issuer, jwks: { keys: [key.publicJwk] } })
    await addClient('offline', { issuer, subject: 'job' })
    await server.server.refresh()
    const claims = { iss: issuer, sub: 'job', aud: server.issuer, exp: nowSeconds() + 60 }
    const jwt = signJwt({ alg: 'ES256' }, claims, key.privateKey)
    expect(await outcome(assertionForm(jwt))).toBe('offline')
  })

  it('by keys that cannot be had is 503, and keys behind a redirect or a private address are not', async () => {
    const { administration } = server
    const away = await startLoopbackServer(() => Response.redirect(`${cluster.issuer}/keys`, 302))
    const asked = cluster.site.requests.length
    const addresses = [
      ['https://redirected.example.test', `${away.origin}/keys`, 'redirect'],
      ['https://link-local.example.test', 'https://169.254.169.254/keys', 'forbidden_address'],
      ['https://private.example.test', 'https://10.0.0.1/keys', 'forbidden_address'],
      ['https://mapped.example.test', 'https://[::ffff:10.0.0.1]/keys', 'forbidden_address'],
    ] as const
    for (const [issuer, jwksUri, fault] of addresses) {
      await administration.createTrustedIssuer({ issuer, jwksUri })
      await addClient(new URL(issuer).hostname, { issuer, subject: POD })
      await server.server.refresh()
      expect(await outcome(assertionForm(podToken({ iss: issuer })))).toBe('request.failed')
      const message = `the keys of the trusted issuer ${issuer} cannot be fetched: ${fault}`
      expect(server.events.at(-1)).toMatchObject({ error: { code: 'ERR_KEYS', message } })
    }
    expect(cluster.site.requests).toHaveLength(asked)
    expect(away.requests).toHaveLength(1)
    await away.close()
  })
})
