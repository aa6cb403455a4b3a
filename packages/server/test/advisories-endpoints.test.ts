import { createHmac, createPublicKey } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Administration } from '@countersign/server'
import { postForm } from './post-form.ts'
import { postToken } from './post-token.ts'
import { startThreeParties, type ThreeParties } from './three-parties.ts'
import { INVOICES, ORDERS } from './two-apis.ts'

// Each block is a class of bugs that servers of this kind have had, tried against every endpoint.

async function credentialOf(administration: Administration, clientId: string): Promise<string> {
  const client = (await administration.listClients()).find((one) => one.clientId === clientId)
  return client?.credentials[0]?.credentialId ?? ''
}

describe('a disabled thing gets nothing anywhere', () => {
  /** What still works for `billing` and its token: token, introspection, revocation. */
  async function whatWorks(all: ThreeParties, token: string): Promise<readonly unknown[]> {
    const asked = await postToken(all.running.tokenEndpoint, {
      basic: all.billing,
      form: { resource: ORDERS },
    })
    const introspected = await all.introspect(token)
    const revoked = await all.revoke('x')
    return [asked.status, introspected.json['active'], revoked.status]
  }

  const KILLS: readonly (readonly [
    string,
    (all: ThreeParties) => Promise<unknown>,
    (all: ThreeParties) => Promise<unknown>,
    readonly unknown[],
  ])[] = [
    [
      'client',
      ({ running }) => running.administration.disableClient('billing'),
      ({ running }) => running.administration.enableClient('billing'),
      [401, false, 401],
    ],
    [
      'credential',
      async ({ running: { administration } }) =>
        administration.disableCredential(await credentialOf(administration, 'billing')),
      async ({ running: { administration } }) =>
        administration.enableCredential(await credentialOf(administration, 'billing')),
      [401, false, 401],
    ],
    [
      'resource',
      ({ running }) => running.administration.disableResource(ORDERS),
      ({ running }) => running.administration.enableResource(ORDERS),
      [400, false, 200],
    ],
  ]

  it.each(KILLS)('%s, and all of it again once it is enabled', async (_what, kill, undo, left) => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    expect(await whatWorks(all, token)).toEqual([200, true, 200])
    await kill(all)
    await all.running.server.refresh()
    expect(await whatWorks(all, token)).toEqual(left)
    await undo(all)
    await all.running.server.refresh()
    expect(await whatWorks(all, token)).toEqual([200, true, 200])
  })

  it('an API, at introspection: signed answers too', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    await all.running.administration.disableClient('orders-api')
    await all.running.server.refresh()
    const accept = 'application/token-introspection+jwt'
    const { status, headers } = await all.introspect(token, all.ordersApi, { accept })
    expect([status, headers.get('content-type')]).toEqual([401, 'application/json'])
  })

  it('a signing key that was revoked: its tokens end, the next one signs', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    const { administration, server } = all.running
    await administration.revokeSigningKey(String(decodeProtectedHeader(token).kid))
    await server.refresh()
    expect((await all.introspect(token)).json).toEqual({ active: false })
    const next = await all.token(all.billing)
    expect(decodeProtectedHeader(next).kid).not.toBe(decodeProtectedHeader(token).kid)
    expect((await all.introspect(next)).json['active']).toBe(true)
  })

  it('within followInterval, with no refresh asked for', async () => {
    await using all = await startThreeParties({ followInterval: 50 })
    const token = await all.token(all.billing)
    const { administration } = all.running
    await administration.disableClient('billing')
    const started = performance.now()
    while ((await all.introspect(token)).json['active'] === true) {
      expect(performance.now() - started).toBeLessThan(5000)
    }
  })
})

describe('what belongs to one client is of no use to another', () => {
  it('a token: not to introspect, not to revoke, not to authenticate with', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    expect((await all.introspect(token, all.shipping)).json).toEqual({ active: false })
    expect((await all.revoke(token, all.shipping)).status).toBe(400)
    for (const path of ['token', 'introspect', 'revoke']) {
      const { status } = await postForm(`${all.running.issuer}/${path}`, {
        headers: { authorization: `Bearer ${token}` },
        form: { token, grant_type: 'client_credentials' },
      })
      expect([path, status]).toEqual([path, 401])
    }
  })

  it('two identities in one request are none', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    const url = `${all.running.issuer}/introspect`
    const differs = await postForm(url, {
      basic: all.invoicesApi,
      form: { token, client_id: 'orders-api' },
    })
    expect(differs.status).toBe(400)
    const twice = await postForm(url, {
      basic: all.invoicesApi,
      form: { token, client_id: 'orders-api', client_secret: all.ordersApi.clientSecret },
    })
    expect(twice.status).toBe(400)
  })

  it('the right to introspect is taken away at once', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    expect((await all.introspect(token)).json['active']).toBe(true)
    const { administration, server } = all.running
    await administration.updateResource({
      resource: ORDERS,
      introspectionClients: ['invoices-api'],
    })
    await server.refresh()
    expect((await all.introspect(token)).json).toEqual({ active: false })
    expect((await all.introspect(token, all.invoicesApi)).json['active']).toBe(true)
  })
})

describe('introspection believes nothing that it has not verified', () => {
  it('no HMAC under the text of a public key', async () => {
    await using all = await startThreeParties()
    const token = await all.token(all.billing)
    const { keys } = (await (await fetch(`${all.running.issuer}/jwks`)).json()) as {
      keys: Record<string, string>[]
    }
    const pem = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }).export({
      type: 'spki',
      format: 'pem',
    })
    const encode = (value: object): string =>
      Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const secret of [pem, JSON.stringify(keys[0]), '']) {
      const header = { alg: 'HS256', typ: 'at+jwt', kid: keys[0]?.['kid'] }
      const input = `${encode(header)}.${encode(decodeJwt(token))}`
      const mac = createHmac('sha256', secret).update(input).digest('base64url')
      expect((await all.introspect(`${input}.${mac}`)).json).toEqual({ active: false })
    }
  })

  it('no answer, feed or metadata of this very server', async () => {
    await using all = await startThreeParties()
    const feed = await (await fetch(`${all.running.issuer}/revocations`)).text()
    expect((await all.introspect(feed)).json).toEqual({ active: false })
    expect((await all.revoke(feed)).status).toBe(200)
  })

  it('no claim of one token in the answer about another', async () => {
    await using all = await startThreeParties()
    const [one, two] = [await all.token(all.billing), await all.token(all.shipping, INVOICES)]
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        index % 2 === 0 ? all.introspect(one) : all.introspect(two, all.invoicesApi),
      ),
    )
    for (const [index, { json }] of answers.entries()) {
      expect(json['jti']).toBe(decodeJwt(index % 2 === 0 ? one : two).jti)
    }
  })
})

describe('parsing costs no more than its caps', () => {
  const HUGE: readonly (readonly [string, (all: ThreeParties) => Record<string, string>])[] = [
    ['a token of 5,000 brackets', () => ({ token: '['.repeat(5000) })],
    ['a token of dots', () => ({ token: '.'.repeat(16_000) })],
    ['a scope of 8,000 words', () => ({ token: 'x', scope: 'a '.repeat(8000) })],
    ['a hint of 16 KB', () => ({ token: 'x', token_type_hint: 'y'.repeat(16_000) })],
  ]
  it.each(HUGE)('%s', async (_what, form) => {
    await using all = await startThreeParties()
    for (const path of ['introspect', 'revoke']) {
      const { status } = await postForm(`${all.running.issuer}/${path}`, {
        basic: all.ordersApi,
        form: form(all),
      })
      expect([path, status]).toEqual([path, 200])
    }
  })

  it('a body over the cap at every endpoint that reads one', async () => {
    await using all = await startThreeParties()
    for (const path of ['token', 'introspect', 'revoke']) {
      const { status } = await postForm(`${all.running.issuer}/${path}`, {
        basic: all.ordersApi,
        form: { token: 'x'.repeat(17_000) },
      })
      expect([path, status]).toEqual([path, 413])
    }
  })
})
