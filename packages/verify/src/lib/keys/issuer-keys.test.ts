import { parseIssuer } from '@countersign/protocol'
import { handClock, startLoopbackServer, type LoopbackHandler } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import type { DocumentEvent } from '../remote/document-event.ts'
import type { RemoteDocument } from '../remote/remote-document.ts'
import { SIGNATURE_ALGORITHMS } from '../signature/signature-algorithm.ts'
import { issuerKeys, type IssuerKeysOptions } from './issuer-keys.ts'
import type { KeySet } from './key-set.ts'

const clock = handClock()
const mint = tokenMint({ issuer: 'unused', audience: 'unused', now: clock.now })

/** The keys of an issuer that are found through its metadata. */
function keysOf(issuer: string, options: Partial<IssuerKeysOptions> = {}): RemoteDocument<KeySet> {
  const parsed = parseIssuer(issuer)
  if (!parsed.ok) throw new Error(parsed.reason)
  return issuerKeys({
    issuer: parsed.value,
    jwksUri: undefined,
    algorithms: new Set(SIGNATURE_ALGORITHMS),
    fetch: globalThis.fetch,
    now: clock.now,
    timeout: 5000,
    staleFor: 0,
    emit: () => {},
    ...options,
  })
}

/** What is reported, and what was asked, when the issuer answers like that. */
async function discover(
  handler: (origin: string) => LoopbackHandler,
  path = '',
): Promise<{ events: string[]; paths: string[] }> {
  const events: string[] = []
  await using server = await startLoopbackServer((request, received) =>
    handler(server.origin)(request, received),
  )
  const keys = keysOf(`${server.origin}${path}`, {
    emit: (event: DocumentEvent) =>
      events.push(event.type === 'load_failed' ? `${event.document} ${event.fault}` : event.type),
  })
  await keys.get()
  return { events, paths: server.requests.map((request) => request.path) }
}

describe('issuerKeys', () => {
  it('finds the keys through RFC 8414 metadata', async () => {
    const { paths, events } = await discover(
      (origin) =>
        (_, { path }) =>
          path === '/keys'
            ? Response.json(mint.jwks)
            : Response.json({ issuer: `${origin}/tenant`, jwks_uri: `${origin}/keys` }),
      '/tenant',
    )
    expect(paths).toEqual(['/.well-known/oauth-authorization-server/tenant', '/keys'])
    expect(events).toEqual(['loaded', 'loaded'])
  })

  it('falls back to the OpenID place', async () => {
    const { paths, events } = await discover((origin) => (_, { path }) => {
      if (path === '/keys') return Response.json(mint.jwks)
      if (!path.endsWith('/openid-configuration')) return new Response('<html>')
      return Response.json({ issuer: origin, jwks_uri: `${origin}/keys` })
    })
    expect(paths).toEqual([
      '/.well-known/oauth-authorization-server',
      '/.well-known/openid-configuration',
      '/keys',
    ])
    expect(events).toEqual(['loaded', 'loaded'])
  })

  it.each([
    ['of another issuer', { issuer: 'https://other.example', jwks_uri: 'https://other.example/k' }],
    ['without jwks_uri', {}],
    ['with keys over plain http elsewhere', { jwks_uri: 'http://keys.example/jwks' }],
  ])('refuses metadata %s, and never asks for keys', async (_name, members) => {
    const { paths, events } = await discover(
      (origin) => () => Response.json({ issuer: origin, ...members }),
    )
    expect(paths.every((path) => path.startsWith('/.well-known/'))).toBe(true)
    expect(events).toEqual(['metadata unacceptable', 'keys metadata'])
  })

  it('follows the issuer to another address, and takes no entity tag there', async () => {
    const asked: string[] = []
    let home = 'one'
    await using server = await startLoopbackServer((request, { path }) => {
      if (path.startsWith('/.well-known/')) {
        return Response.json({ issuer: server.origin, jwks_uri: `${server.origin}/${home}` })
      }
      asked.push(`${path} ${request.headers.get('if-none-match')}`)
      return Response.json(mint.jwks, { headers: { etag: '"e"' } })
    })
    const turned = handClock()
    const keys = keysOf(server.origin, { now: turned.now })
    await keys.get()
    turned.advance(11 * 60_000)
    await keys.get()
    home = 'two'
    turned.advance(11 * 60_000)
    await keys.get()
    expect(asked).toEqual(['/one null', '/one "e"', '/two null'])
  })

  it('refuses a remote issuer that leads to a plain-text server on this machine', async () => {
    const asked: string[] = []
    const keys = keysOf('https://as.example', {
      fetch: async (input) => {
        asked.push(input as string)
        return Response.json({ issuer: 'https://as.example', jwks_uri: 'http://localhost:1/jwks' })
      },
    })
    expect(await keys.get()).toBeUndefined()
    expect(asked.every((url) => url.startsWith('https://as.example/.well-known/'))).toBe(true)
  })

  it.each([
    ['a private key', { keys: [{ ...mint.jwk, d: 'x' }] }],
    ['a symmetric key', { keys: [mint.jwk, { kty: 'oct', k: 'c2VjcmV0' }] }],
    ['101 keys', { keys: Array.from({ length: 101 }, () => mint.jwk) }],
    ['no keys member', {}],
  ])('refuses a set with %s', async (_name, set) => {
    const { events } = await discover(
      (origin) =>
        (_, { path }) =>
          Response.json(path === '/keys' ? set : { issuer: origin, jwks_uri: `${origin}/keys` }),
    )
    expect(events).toEqual(['loaded', 'keys unacceptable'])
  })
})
