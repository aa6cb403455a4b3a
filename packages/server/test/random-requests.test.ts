import { request as httpRequest } from 'node:http'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'

let running: RunningAuthorizationServer
beforeAll(async () => {
  running = await startAuthorizationServer()
})
afterAll(() => running.close())

interface WireRequest {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

describe('the token endpoint, asked at random', () => {
  it('answers 200 or 4xx in JSON, never a stack, and stays up', async () => {
    const { client } = running
    const good = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')
    const seen = new Set<number>()
    await fc.assert(
      fc.asyncProperty(wireRequests(client, good), async (wire) => {
        const { status, type, text } = await send(running.origin, wire)
        seen.add(status)
        expect(status === 200 || (status >= 400 && status < 500)).toBe(true)
        if (wire.method === 'HEAD') return
        expect(type).toBe('application/json')
        const json: unknown = JSON.parse(text)
        expect(json).toHaveProperty(status === 200 ? 'access_token' : 'error')
        expect(text).not.toMatch(/\bat .*:\d+:\d+|node:|\.ts:\d/)
      }),
      { numRuns: 10_000 },
    )
    // Where mutation only ever met one answer, the test would show nothing.
    expect([...seen]).toEqual(expect.arrayContaining([200, 400, 401]))
    expect(running.events.filter(({ type }) => type === 'request.failed')).toEqual([])
  }, 180_000)
})

/** `COUNTERSIGN_RANDOM_REQUESTS=100000` asks more. */
const RUNS = Number(process.env['COUNTERSIGN_RANDOM_REQUESTS'] ?? 10_000)

describe('every endpoint, asked at random', () => {
  it(
    `answers ${RUNS} requests without a fault, and holds nothing of them`,
    async () => {
      const { client, administration, server } = running
      const resource = 'https://api.example.test/orders'
      await administration.updateResource({ resource, introspectionClients: [client.clientId] })
      await server.refresh()
      const good = btoa(`${client.clientId}:${client.clientSecret}`)
      const token = await issued(running.tokenEndpoint, good)
      const seen = new Map<string, number>()
      const ask = async (runs: number): Promise<void> => {
        await fc.assert(
          fc.asyncProperty(endpointRequests(good, token), async (wire) => {
            const { status, text } = await send(running.origin, wire)
            const key = `${wire.path.split('?')[0]} ${status}`
            seen.set(key, (seen.get(key) ?? 0) + 1)
            expect(status).toBeLessThan(500)
            expect(text).not.toMatch(/\bat .*:\d+:\d+|node:|\.ts:\d/)
          }),
          { numRuns: runs },
        )
      }
      await ask(RUNS / 10)
      const before = await heapUsed()
      await ask(RUNS)
      const grown = (await heapUsed()) - before
      process.stdout.write(
        `${RUNS} random requests: heap ${(before / 1e6).toFixed(1)} MB, grown by ${(grown / 1e6).toFixed(1)} MB; ` +
          Array.from(seen, ([key, count]) => `${key}: ${count}`).join(', ') +
          '\n',
      )
      // Events are kept by the test itself, a few hundred bytes each; a leak of requests would be more.
      expect(grown).toBeLessThan(4_000_000 + RUNS * 1000)
      for (const key of ['/introspect 200', '/revoke 200', '/revocations 304', '/jwks 200']) {
        expect([...seen.keys()]).toContain(key)
      }
      expect(running.events.filter(({ type }) => type === 'request.failed')).toEqual([])
    },
    60_000 + RUNS * 20,
  )
})

async function issued(tokenEndpoint: string, good: string): Promise<string> {
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${good}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  return ((await response.json()) as { access_token: string }).access_token
}

/** Bytes in use once what can be let go is let go. */
async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 3; i++) {
    collect()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return process.memoryUsage().heapUsed
}

/** Requests to every endpoint: right ones, mutated ones, and noise. */
function endpointRequests(good: string, token: string): fc.Arbitrary<WireRequest> {
  const noise = fc.string({ unit: 'binary', maxLength: 300 })
  const tokens = fc.oneof(fc.constant(token), mutated(token), noise, fc.constant('.'.repeat(2000)))
  const form = fc
    .tuple(tokens, fc.array(fc.tuple(fc.string(), noise), { maxLength: 3 }))
    .map(([one, more]) => new URLSearchParams([['token', one], ...more]).toString())
  const path = fc.constantFrom(
    '/introspect',
    '/revoke',
    '/token',
    '/jwks',
    '/revocations',
    '/usage',
    '/health/ready',
    '/health/live',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
  )
  const query = fc.oneof(
    { weight: 6, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.webQueryParameters().map((text) => `?${text}`) },
  )
  const header = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map(toCharacter) })
  const extra = fc.oneof(
    fc.constant([]),
    fc.constant([['accept', 'application/token-introspection+jwt']] as const),
    header.map((text) => [['accept', text]] as const),
    header.map((text) => [['if-none-match', text]] as const),
    fc.constant([['if-none-match', '*']] as const),
  )
  const authorization = fc.oneof(
    { weight: 6, arbitrary: fc.constant(`Basic ${good}`) },
    { weight: 1, arbitrary: mutated(`Basic ${good}`) },
    { weight: 1, arbitrary: header },
  )
  return fc
    .record({
      method: fc.oneof(
        { weight: 12, arbitrary: fc.constant('right') },
        {
          weight: 1,
          arbitrary: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD'),
        },
      ),
      path,
      query,
      authorization,
      extra,
      type: fc.oneof(
        { weight: 8, arbitrary: fc.constant('application/x-www-form-urlencoded') },
        { weight: 1, arbitrary: header },
      ),
      body: fc.oneof(
        { weight: 6, arbitrary: form },
        { weight: 1, arbitrary: form.chain(mutated) },
        { weight: 1, arbitrary: noise },
      ),
    })
    .map((wire) => {
      const posted = ['/introspect', '/revoke', '/token'].includes(wire.path)
      const right = posted ? 'POST' : 'GET'
      return {
        method: wire.method === 'right' ? right : wire.method,
        path: wire.path + wire.query,
        headers: [
          ['authorization', wire.authorization.replaceAll(/[^\x20-\x7e]/g, '?')] as const,
          ['content-type', wire.type] as const,
          ...wire.extra,
        ],
        body: wire.body,
      }
    })
}

function wireRequests(
  client: { readonly clientId: string; readonly clientSecret: string },
  good: string,
): fc.Arbitrary<WireRequest> {
  const headerText = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map(toCharacter) })
  const authorization = fc.oneof(
    fc.constant([['authorization', `Basic ${good}`]] as const),
    fc.constant([]),
    headerText.map((text) => [['authorization', text]] as const),
    fc.base64String().map((text) => [['authorization', `Basic ${text}`]] as const),
    fc.constant([
      ['authorization', `Basic ${good}`],
      ['authorization', `Basic ${good}`],
    ] as const),
  )
  const contentType = fc.oneof(
    { weight: 8, arbitrary: fc.constant('application/x-www-form-urlencoded') },
    { weight: 1, arbitrary: fc.constant('application/x-www-form-urlencoded; charset=UTF-8') },
    { weight: 1, arbitrary: headerText },
  )
  const name = fc.oneof(
    fc.constantFrom('scope', 'resource', 'audience', 'client_id', 'client_secret', 'grant_type'),
    fc.constantFrom('client_assertion', 'client_assertion_type', '__proto__', 'constructor'),
    fc.string(),
  )
  const value = fc.oneof(
    fc.constantFrom(
      'client_credentials',
      'orders:read',
      'https://api.example.test/orders',
      client.clientId,
      client.clientSecret,
    ),
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.webUrl(),
  )
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 6 })
  const form = pairs.map((extra) =>
    new URLSearchParams([['grant_type', 'client_credentials'], ...extra]).toString(),
  )
  const body = fc.oneof(
    { weight: 3, arbitrary: fc.constant('grant_type=client_credentials') },
    { weight: 6, arbitrary: form },
    { weight: 2, arbitrary: form.chain(mutated) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 500 }) },
    { weight: 1, arbitrary: fc.integer({ min: 16_000, max: 20_000 }).map((n) => 'x'.repeat(n)) },
  )
  return fc.record({
    method: fc.oneof(
      { weight: 20, arbitrary: fc.constant('POST') },
      { weight: 1, arbitrary: fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD') },
    ),
    path: fc.oneof(
      { weight: 12, arbitrary: fc.constant('/token') },
      { weight: 1, arbitrary: fc.webQueryParameters().map((query) => `/token?${query}`) },
      { weight: 1, arbitrary: fc.webPath().map((path) => path || '/') },
    ),
    headers: fc
      .tuple(authorization, contentType)
      .map(([auth, type]) => [...auth, ['content-type', type] as const]),
    body,
  })
}

/** A text with one stretch of it replaced by another text. */
function mutated(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(text.length), fc.nat(text.length), fc.string({ unit: 'binary', maxLength: 20 }))
    .map(([a, b, put]) => text.slice(0, Math.min(a, b)) + put + text.slice(Math.max(a, b)))
}

function toCharacter(code: number): string {
  return String.fromCharCode(code)
}

function send(
  origin: string,
  { method, path, headers, body }: WireRequest,
): Promise<{ status: number; type: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const raw = headers.flatMap(([name, value]) => [name, value.trim()])
    const length = String(Buffer.byteLength(body))
    const host = new URL(origin).host
    const request = httpRequest(origin, {
      method,
      path,
      headers: ['host', host, 'content-length', length, ...raw],
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], text })
      })
    })
    request.end(body)
  })
}
