import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizationServer } from '@countersign/server'
import {
  startAuthorizationServer,
  startLoopbackServer,
  type LoopbackServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { assertionForm, assertionKey, goodClaims, present, signJwt } from './assertion-kit.ts'
import { registerClient } from './register-client.ts'
import { ORDERS } from './two-apis.ts'

/** As `advisories-authentication.test.ts`: what comes from elsewhere, keys and texts. */
const key = assertionKey()
let server: RunningAuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({
    resources: [{ resource: ORDERS, scopes: ['orders:read'] }],
  })
  await registerClient(server, 'signer', { kind: 'public_key', publicKey: key.publicPem })
})
afterAll(() => server.close())

function sign(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string {
  const all = { ...goodClaims('signer', server.issuer), ...claims }
  return signJwt({ alg: 'ES256', ...header }, all, key.privateKey)
}

const statusOf = async (form: Record<string, string>): Promise<number> =>
  (await present(server, form)).status

describe('SSRF by the address of keys (CVE-2026-1180, -4366, -1518, CVE-2024-49753, CVE-2026-55671)', () => {
  let site: LoopbackServer
  let big = 0
  beforeAll(async () => {
    site = await startLoopbackServer((request) => {
      const { pathname, origin } = new URL(request.url)
      const jwks = JSON.stringify({ keys: [key.publicJwk] })
      if (pathname === '/redirect') return Response.redirect(`${origin}/keys`, 302)
      if (pathname === '/html') {
        return new Response(jwks, { headers: { 'content-type': 'text/html' } })
      }
      if (pathname === '/huge') {
        const part = new TextEncoder().encode(' '.repeat(65_536))
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            big += part.length
            if (big > 64 * 1024 * 1024) controller.close()
            else controller.enqueue(part)
          },
        })
        return new Response(body, { headers: { 'content-type': 'application/json' } })
      }
      if (pathname === '/private') return Response.json({ keys: [{ kty: 'oct', k: 'AAAA' }] })
      return Response.json({ keys: [key.publicJwk] })
    })
  })
  afterAll(() => site.close())

  it.each<[string, () => string, string]>([
    ['a link-local address', () => 'https://169.254.169.254/latest/meta-data', 'forbidden_address'],
    ['a private address', () => 'https://10.0.0.1/keys', 'forbidden_address'],
    ['a private address as IPv6', () => 'https://[::ffff:192.168.0.1]/keys', 'forbidden_address'],
    ['a unique local address', () => 'https://[fd00::1]/keys', 'forbidden_address'],
    ['the address of everything', () => 'https://0.0.0.0/keys', 'forbidden_address'],
    ['a number for an address', () => 'https://167772161/keys', 'forbidden_address'],
    ['a redirect', () => `${site.origin}/redirect`, 'redirect'],
    ['another media type', () => `${site.origin}/html`, 'content_type'],
    ['a document without end', () => `${site.origin}/huge`, 'too_large'],
    ['a symmetric key', () => `${site.origin}/private`, 'unacceptable'],
  ])('uses no keys behind %s', async (what, address, fault) => {
    const clientId = `keys-${what.replaceAll(/\W/g, '-')}`
    await registerClient(server, clientId, { kind: 'key_set', jwksUri: address() })
    const jwt = signJwt({ alg: 'ES256' }, goodClaims(clientId, server.issuer), key.privateKey)
    const { status, json, event } = await present(server, assertionForm(jwt))
    expect([status, json['error']]).toEqual([503, 'temporarily_unavailable'])
    // Nobody answers at most of these addresses anyway: that they were not asked is what counts.
    expect(event).toMatchObject({
      type: 'request.failed',
      error: { code: 'ERR_KEYS', message: expect.stringMatching(new RegExp(`: ${fault}$`)) },
    })
  })

  it('stops reading a document that is too long', () => {
    expect(big).toBeLessThan(8 * 1024 * 1024)
  })

  it('asks nobody who is on loopback where the issuer is not', async () => {
    let asked = 0
    const listener = createServer(() => void asked++).listen(0, '127.0.0.1')
    await new Promise((resolve) => listener.once('listening', resolve))
    const { port } = listener.address() as { readonly port: number }
    const { store, masterKeys } = server
    const jwksUri = `https://localhost:${port}/keys`
    await registerClient(server, 'on-loopback', { kind: 'key_set', jwksUri })
    const issuer = 'https://as.example.test'
    await using far = createAuthorizationServer({ issuer, store, masterKeys })
    const jwt = signJwt({ alg: 'ES256' }, goodClaims('on-loopback', issuer), key.privateKey)
    const body = new URLSearchParams({ grant_type: 'client_credentials', ...assertionForm(jwt) })
    const response = await far.fetch(new Request(`${issuer}/token`, { method: 'POST', body }))
    listener.close()
    expect([response.status, asked]).toEqual([503, 0])
  })

  it.each(['http://keys.example.test/', 'ftp://keys.example.test/', 'file:///etc/passwd', 'keys'])(
    'registers no address like %s',
    async (jwksUri) => {
      const { administration } = server
      const add = administration.addCredential('signer', { kind: 'key_set', jwksUri })
      await expect(add).rejects.toMatchObject({ option: 'jwksUri' })
      const trust = administration.createTrustedIssuer({ issuer: 'https://x.example', jwksUri })
      await expect(trust).rejects.toMatchObject({ option: 'jwksUri' })
    },
  )
})

describe('parsing that costs too much (CVE-2025-30204, CVE-2025-27144, CVE-2026-79651)', () => {
  const nested = `${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}`
  it.each<[string, () => string]>([
    ['ten thousand dots', () => '.'.repeat(10_000)],
    ['a header of ten thousand letters', () => `${'A'.repeat(10_000)}.e30.AA`],
    [
      'claims three thousand deep',
      () => `e30.${Buffer.from(nested).toString('base64url').slice(0, 9000)}.AA`,
    ],
    ['a kid of a thousand letters', () => sign({}, { kid: 'k'.repeat(1000) })],
    ['padding', () => `${sign()}==`],
    ['blanks', () => sign().replace('.', ' . ')],
    ['a line end', () => `${sign()}\n`],
    [
      'a member twice over in its header',
      () => {
        const header = Buffer.from('{"alg":"none","alg":"HS256"}').toString('base64url')
        return [header, ...sign().split('.').slice(1)].join('.')
      },
    ],
    [
      'a subject of ten thousand letters',
      () => sign({ sub: 's'.repeat(3000), iss: 's'.repeat(3000) }),
    ],
    ['JSON that is a list', () => `${Buffer.from('[]').toString('base64url')}.e30.AA`],
  ])('refuses %s, and fails at nothing', async (_what, make) => {
    expect(await statusOf(assertionForm(make()))).toBe(401)
  })

  it('refuses an assertion over 16 KiB before it is looked at', async () => {
    expect(await statusOf(assertionForm('A'.repeat(17_000)))).toBe(413)
  })
})
