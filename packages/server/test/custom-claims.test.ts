import { hash } from 'node:crypto'
import { inspect } from 'node:util'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { RESERVED_CLAIMS, type ClaimsHook } from '@countersign/server'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { postToken } from './post-token.ts'

const MARKER = 'MARKER7c1e'

function start(claims: ClaimsHook, claimsTimeout = 1000): Promise<RunningAuthorizationServer> {
  return startAuthorizationServer({ serverOptions: { claims, claimsTimeout } })
}

function claimsOf(json: Record<string, unknown>): Record<string, unknown> {
  return decodeJwt(String(json['access_token']))
}

describe('the claims hook', () => {
  it('adds claims, at once or by a promise, knowing client, resource and scope', async () => {
    const asked: unknown[] = []
    await using running = await start((context) => {
      asked.push(context)
      const members = { tenant: 'acme', roles: ['reader'] }
      return asked.length === 1 ? members : Promise.resolve(members)
    })
    for (let turn = 0; turn < 2; turn++) {
      const { json } = await postToken(running.tokenEndpoint, {
        basic: running.client,
        form: { scope: 'orders:read' },
      })
      expect(claimsOf(json)).toMatchObject({
        tenant: 'acme',
        roles: ['reader'],
        client_id: 'billing',
        scope: 'orders:read',
      })
    }
    expect(asked[1]).toMatchObject({
      clientId: 'billing',
      client: { clientId: 'billing', state: 'active' },
      resource: { resource: 'https://api.example.test/orders' },
      scope: ['orders:read'],
    })
    expect(inspect(asked, { depth: 10 })).not.toContain(running.client.clientSecret)
  })

  it('adds none where it gives undefined', async () => {
    await using running = await start(() => undefined)
    const { json } = await postToken(running.tokenEndpoint, { basic: running.client })
    expect(Object.keys(claimsOf(json))).toHaveLength(9)
  })

  it('cannot set a reserved claim: 500 and an event, never a token', async () => {
    let name = ''
    await using running = await start(() => ({ tenant: 'acme', [name]: MARKER }))
    const { tokenEndpoint, client, events } = running
    for (name of RESERVED_CLAIMS) {
      const { status, json } = await postToken(tokenEndpoint, { basic: client })
      expect([name, status, json['error']]).toEqual([name, 500, 'server_error'])
      const { error } = events.at(-1) as { error?: Error }
      expect(error).toMatchObject({ name: 'ServerError', code: 'ERR_CLAIMS' })
      expect(error?.message).toContain(`'${name}'`)
    }
    expect(inspect(events, { depth: 10 })).not.toContain(MARKER)
    expect(events.filter(({ type }) => type === 'token.issued')).toEqual([])
    expect(RESERVED_CLAIMS).toEqual(
      expect.arrayContaining([
        'iss',
        'sub',
        'aud',
        'exp',
        'nbf',
        'iat',
        'jti',
        'client_id',
        'scope',
        'cnf',
        'authorization_details',
        'credential_id',
        'act',
      ]),
    )
  })

  it('is read once: an object cannot show one face to the check and another to the token', async () => {
    await using running = await start(() => {
      let reads = 0
      return {
        get tenant() {
          return reads++ === 0 ? 'acme' : 'evil'
        },
        toJSON: () => ({ sub: 'root' }),
      }
    })
    const { status } = await postToken(running.tokenEndpoint, { basic: running.client })
    expect(status).toBe(500)
  })

  it('gives nothing that changes what the token is: __proto__ and constructor are plain claims', async () => {
    await using running = await start(
      () => JSON.parse('{"__proto__":{"sub":"root"},"constructor":1}') as Record<string, unknown>,
    )
    const { json } = await postToken(running.tokenEndpoint, { basic: running.client })
    const [, payload = ''] = String(json['access_token']).split('.')
    const text = Buffer.from(payload, 'base64url').toString()
    expect(text).toContain('"sub":"billing"')
    expect(text.match(/"sub"/g)).toHaveLength(2)
    expect(claimsOf(json)['sub']).toBe('billing')
  })

  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no'))],
    ['gives a string', () => 'x'],
    ['gives null', () => null],
    ['gives a list', () => []],
    ['gives a circle', () => circular],
    ['gives a BigInt', () => ({ amount: 1n })],
    ['gives too much', () => ({ text: 'x'.repeat(4096) })],
    ['gives a promise of a string', async () => 'x'],
    ['never settles', () => new Promise(() => {})],
  ])('that %s ends the request with 500 and an event', async (_what, hook) => {
    await using running = await start(hook as ClaimsHook, 20)
    const { status, json } = await postToken(running.tokenEndpoint, { basic: running.client })
    expect([status, json['error']]).toEqual([500, 'server_error'])
    expect(running.events.at(-1)).toMatchObject({
      type: 'request.failed',
      error: { code: 'ERR_CLAIMS' },
    })
  })

  it('adds the same to an opaque token', async () => {
    await using running = await startAuthorizationServer({
      serverOptions: { claims: () => ({ tenant: 'acme' }) },
      resources: [{ resource: 'urn:api', scopes: ['read'], tokenFormat: 'opaque' }],
    })
    const { store, client, tokenEndpoint } = running
    const { json } = await postToken(tokenEndpoint, { basic: client })
    const digest = hash('sha256', String(json['access_token']), 'base64url')
    const kept = await store.opaqueTokens.get(digest)
    expect(kept?.claims).toMatchObject({ tenant: 'acme', client_id: 'billing' })
  })
})
