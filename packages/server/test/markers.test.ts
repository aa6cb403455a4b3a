import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizationServer, formatMasterKeys } from '@countersign/server'
import {
  memoryStore,
  startAuthorizationServer,
  type RunningAuthorizationServer,
} from '@countersign/testkit'
import { postForm } from './post-form.ts'
import { assertionForm, assertionKey, signJwt } from './assertion-kit.ts'
import { postToken, type TokenPost } from './post-token.ts'
import { startThreeParties } from './three-parties.ts'
import { ORDERS } from './two-apis.ts'

const MARKER = 'MARKER5f3a'

let running: RunningAuthorizationServer
beforeAll(async () => {
  running = await startAuthorizationServer()
})
afterAll(() => running.close())

/** A JWT with markers wherever a text may stand, but for what is given. */
function markedJwt(members: Readonly<Record<string, unknown>>): string {
  const header = { alg: 'ES256', kid: MARKER, ...members }
  const claims = { iss: MARKER, sub: MARKER, aud: MARKER, jti: MARKER, exp: MARKER, ...members }
  return signJwt(header, claims, assertionKey().privateKey)
}

/** Everything a log could print of a value. */
function printed(value: unknown): string {
  const depth = { depth: 10, showHidden: true, getters: true }
  const stack = value instanceof Error ? `${value.stack} ${inspect(value.cause, depth)}` : ''
  return [String(value), JSON.stringify(value), inspect(value, depth), stack].join('\n')
}

/** The claims of a JWT as text. */
function decoded(jwt: string): string {
  return Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()
}

describe('no secret leaves by the side door:', () => {
  it('what a client sends is in no answer and no event', async () => {
    const { tokenEndpoint, client, events } = running
    const basic = { ...client, clientSecret: MARKER }
    const posts: TokenPost[] = [
      { basic },
      { basic: { clientId: MARKER, clientSecret: MARKER } },
      { form: { client_id: MARKER, client_secret: MARKER } },
      { form: { client_id: client.clientId, client_secret: MARKER } },
      { basic: client, form: { scope: MARKER } },
      { basic: client, form: { resource: `urn:${MARKER}` } },
      { basic: client, form: { audience: MARKER } },
      { basic: client, form: { grant_type: MARKER } },
      { basic: client, form: { client_id: MARKER } },
      { basic: client, form: { [MARKER]: MARKER } },
      { basic: client, query: `?client_secret=${MARKER}` },
      { basic: client, body: `${MARKER}=%` },
      { headers: { authorization: `Bearer ${MARKER}` } },
      { headers: { authorization: `Basic ${MARKER}` } },
      { form: { client_assertion: MARKER, client_assertion_type: MARKER } },
      { basic: client, headers: { 'content-type': MARKER } },
      { basic: client, headers: { dpop: MARKER } },
      { basic: client, headers: { dpop: markedJwt({ typ: 'dpop+jwt', jwk: { kty: MARKER } }) } },
      { form: { client_id: client.clientId }, headers: { 'client-cert': MARKER } },
      { form: assertionForm(markedJwt({})) },
      { form: assertionForm(markedJwt({ typ: MARKER })) },
      { form: assertionForm(markedJwt({ alg: MARKER })) },
      { form: assertionForm(markedJwt({ alg: 'HS256' })) },
      { form: assertionForm(markedJwt({ iss: client.clientId, sub: client.clientId })) },
      { form: assertionForm(markedJwt({}), MARKER) },
    ]
    for (const post of posts) {
      const { text, headers } = await postToken(tokenEndpoint, post)
      expect(text + inspect([...headers])).not.toContain(MARKER)
    }
    expect(printed(events)).not.toContain(MARKER)
  })

  it('what is sent to the other endpoints is in no answer, event, audit entry, metric or explanation', async () => {
    await using all = await startThreeParties()
    const { issuer, events, server, store, administration } = all.running
    const token = await all.token(all.billing)
    const [header, , signature] = token.split('.')
    const forged = Buffer.from(JSON.stringify({ iss: MARKER, sub: MARKER })).toString('base64url')
    const wrong = { ...all.billing, clientSecret: MARKER }
    const posts: TokenPost[] = [
      { basic: all.billing, form: { token: MARKER } },
      { basic: all.billing, form: { token: `${header}.${forged}.${signature}` } },
      { basic: all.billing, form: { token, token_type_hint: MARKER } },
      { basic: wrong, form: { token } },
      { basic: { clientId: MARKER, clientSecret: MARKER }, form: { token } },
      { form: { client_id: MARKER, client_secret: MARKER, token: MARKER } },
      { basic: all.billing, form: { token: MARKER }, query: `?token=${MARKER}` },
      { basic: all.billing, form: { [MARKER]: MARKER } },
      { basic: all.billing, form: { token }, headers: { accept: MARKER, 'x-request-id': MARKER } },
      { basic: all.billing, form: { token }, headers: { 'content-type': MARKER } },
      { basic: all.ordersApi, form: { resource: MARKER, usage: MARKER } },
      { basic: all.ordersApi, form: { resource: ORDERS, usage: MARKER } },
      {
        basic: all.ordersApi,
        form: { resource: ORDERS, usage: `{"uses":[["${MARKER}","a",1,1]]}` },
      },
    ]
    const ids: string[] = []
    for (const post of posts) {
      for (const path of ['introspect', 'revoke', 'usage']) {
        const { text, headers, json } = await postForm(`${issuer}/${path}`, post)
        expect(text + inspect([...headers])).not.toContain(MARKER)
        if (typeof json['correlation_id'] === 'string') ids.push(json['correlation_id'])
      }
    }
    const feed = await fetch(`${issuer}/revocations?${MARKER}`, {
      headers: { 'if-none-match': MARKER },
    })
    expect(decoded(await feed.text()) + inspect([...feed.headers])).not.toContain(MARKER)
    const metrics = await (await server.metrics(new Request(`${issuer}/${MARKER}`))).text()
    await server.close()
    const audited = await store.audit.find({ limit: 1000 })
    expect(audited.length).toBeGreaterThan(5)
    const explained = await Promise.all(ids.map((id) => administration.explain(id)))
    expect(explained.filter((one) => one !== undefined).length).toBeGreaterThan(5)
    for (const kept of [events, audited, metrics, explained]) {
      expect(printed(kept)).not.toContain(MARKER)
      expect(printed(kept)).not.toContain(all.billing.clientSecret)
      expect(printed(kept)).not.toContain(signature)
    }
  })

  it('a store that fails shows no message of its own in what is audited', async () => {
    const store = memoryStore()
    await using all = await startThreeParties({ store })
    const token = await all.token(all.billing)
    const { apply } = store.registry
    store.registry.apply = async () => {
      throw new Error(MARKER, { cause: MARKER })
    }
    const { text, status } = await all.revoke(token)
    store.registry.apply = apply
    expect([status, text.includes(MARKER)]).toEqual([503, false])
    await all.running.server.close()
    const audited = await store.audit.find({ type: 'request.failed', limit: 10 })
    expect(audited).toMatchObject([{ detail: { error: 'ERR_STORE' } }])
    expect(printed(audited)).not.toContain(MARKER)
  })

  it('an issued token and the secret that got it are in no event', async () => {
    const { tokenEndpoint, client, events } = running
    const { json } = await postToken(tokenEndpoint, { basic: client })
    const signature = String(json['access_token']).split('.')[2]
    expect(signature).toMatch(/^[\w-]{86}$/)
    expect(printed(events)).not.toContain(signature)
    expect(printed(events)).not.toContain(client.clientSecret)
  })

  it('a created secret prints as [secret] and is in no list', async () => {
    const { administration } = running
    const created = await administration.createClient({ clientId: 'marked' })
    const text = created.secret.reveal()
    expect(text).toMatch(/^csgn_[0-9A-Za-z]{49}$/)
    expect(printed(created)).not.toContain(text)
    expect(printed(created.secret)).not.toContain(text)
    expect(String(created.secret)).toBe('[secret]')
    expect(JSON.stringify({ created })).toContain('"secret":"[secret]"')
    expect(inspect(created)).toContain('[secret]')
    const lists = [await administration.listClients(), await administration.listSigningKeys()]
    expect(printed(lists)).not.toMatch(/digest|sealed/i)
    expect(printed(lists)).not.toContain(text)
  })

  it('the store holds no secret and no private key that can be read', async () => {
    const { store, client } = running
    const everything = JSON.stringify(await store.registry.changesSince(0))
    expect(everything).not.toContain(client.clientSecret)
    expect(everything).not.toContain('"d"')
  })

  it('a master key prints without its bytes', () => {
    const { masterKeys, server, administration } = running
    const text = formatMasterKeys(masterKeys).trim().slice(2)
    const [bytes = new Uint8Array()] = masterKeys.map(({ key }) => key)
    for (const value of [...masterKeys, { masterKeys }, server, administration]) {
      const shown = JSON.stringify(value) + inspect(value, { depth: 10 })
      expect(shown).not.toContain(text)
      expect(shown).not.toContain(Buffer.from(bytes).toString('hex').slice(0, 8))
      expect(shown).not.toMatch(/Uint8Array|Buffer/)
    }
  })

  it('errors over wrong options do not quote them', () => {
    const { store } = running
    const wrong = [
      { issuer: `ftp://${MARKER}`, store, masterKeys: running.masterKeys },
      { issuer: 'https://as.example.test', store, masterKeys: MARKER },
      { issuer: 'https://as.example.test', store: MARKER, masterKeys: running.masterKeys },
      { issuer: 'https://as.example.test', store, masterKeys: [{ version: 1, key: MARKER }] },
    ]
    for (const options of wrong) {
      let thrown: unknown
      try {
        createAuthorizationServer(options as never)
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(TypeError)
      expect(printed(thrown)).not.toContain(MARKER)
    }
  })
})
