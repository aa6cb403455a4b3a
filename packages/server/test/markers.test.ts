import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthorizationServer, formatMasterKeys } from '@countersign/server'
import { startAuthorizationServer, type RunningAuthorizationServer } from '@countersign/testkit'
import { postToken, type TokenPost } from './post-token.ts'

const MARKER = 'MARKER5f3a'

let running: RunningAuthorizationServer
beforeAll(async () => {
  running = await startAuthorizationServer()
})
afterAll(() => running.close())

/** Everything a log could print of a value. */
function printed(value: unknown): string {
  const depth = { depth: 10, showHidden: true, getters: true }
  const stack = value instanceof Error ? `${value.stack} ${inspect(value.cause, depth)}` : ''
  return [String(value), JSON.stringify(value), inspect(value, depth), stack].join('\n')
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
    ]
    for (const post of posts) {
      const { text, headers } = await postToken(tokenEndpoint, post)
      expect(text + inspect([...headers])).not.toContain(MARKER)
    }
    expect(printed(events)).not.toContain(MARKER)
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
