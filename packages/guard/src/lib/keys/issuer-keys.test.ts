import { handClock, startLoopbackServer, type LoopbackHandler } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { createGuard } from '../guard/create-guard.ts'
import type { GuardEvent } from '../guard/guard-event.ts'

const clock = handClock()
const mint = tokenMint({ issuer: 'unused', audience: 'unused', now: clock.now })

/** What a guard reports, and what it asked, when its issuer answers like that. */
async function discover(
  handler: (origin: string) => LoopbackHandler,
  path = '',
): Promise<{ events: string[]; paths: string[] }> {
  const events: string[] = []
  await using server = await startLoopbackServer((request, received) =>
    handler(server.origin)(request, received),
  )
  const guard = createGuard({
    issuer: `${server.origin}${path}`,
    audience: 'a',
    now: clock.now,
    onEvent: (event: GuardEvent) =>
      events.push(event.type === 'load_failed' ? `${event.document} ${event.fault}` : event.type),
  })
  await guard.ready().catch(() => {})
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
    const guard = createGuard({ issuer: server.origin, audience: 'a', now: turned.now })
    await guard.ready()
    turned.advance(11 * 60_000)
    await guard.ready()
    home = 'two'
    turned.advance(11 * 60_000)
    await guard.ready()
    expect(asked).toEqual(['/one null', '/one "e"', '/two null'])
  })

  it('refuses a remote issuer that leads to a plain-text server on this machine', async () => {
    const asked: string[] = []
    const guard = createGuard({
      issuer: 'https://as.example',
      audience: 'a',
      fetch: async (input) => {
        asked.push(input as string)
        return Response.json({ issuer: 'https://as.example', jwks_uri: 'http://localhost:1/jwks' })
      },
    })
    await expect(guard.ready()).rejects.toMatchObject({ code: 'ERR_KEYS_UNAVAILABLE' })
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
