import { createHash } from 'node:crypto'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OpaqueTokenRecord, ServerStore } from '@countersign/server'
import { handClock, memoryStore, startAuthorizationServer } from '@countersign/testkit'
import { generateOpaqueToken, isOpaqueToken } from '../src/lib/tokens/opaque-token.ts'
import { postForm } from './post-form.ts'
import { postToken } from './post-token.ts'

const resources = [
  { resource: 'urn:api', scopes: ['read'], tokenFormat: 'opaque', tokenLifetimeSeconds: 60 },
] as const

function watched(put?: (record: OpaqueTokenRecord) => Promise<void>): {
  store: ServerStore
  records: OpaqueTokenRecord[]
} {
  const inner = memoryStore()
  const records: OpaqueTokenRecord[] = []
  const opaqueTokens = {
    ...inner.opaqueTokens,
    async put(record: OpaqueTokenRecord) {
      await put?.(record)
      await inner.opaqueTokens.put(record)
      records.push(record)
    },
  }
  return { store: { ...inner, opaqueTokens }, records }
}

describe('an opaque token', () => {
  it('is kept as a digest with what a JWT would say, and nowhere itself', async () => {
    const clock = handClock()
    const { store, records } = watched()
    await using running = await startAuthorizationServer({ now: clock.now, store, resources })
    const { tokenEndpoint, client, issuer, events } = running
    const { json } = await postToken(tokenEndpoint, { basic: client })
    const token = String(json['access_token'])
    expect(json).toEqual({
      access_token: expect.stringMatching(/^cst_[\w-]{49}$/),
      token_type: 'Bearer',
      expires_in: 60,
      scope: 'read',
    })
    const digest = createHash('sha256').update(token).digest('base64url')
    const found = await store.opaqueTokens.get(digest)
    expect(found?.claims).toEqual({
      iss: issuer,
      sub: 'billing',
      aud: 'urn:api',
      client_id: 'billing',
      scope: 'read',
      iat: Math.floor(clock.now() / 1000),
      exp: Math.ceil(clock.now() / 1000) + 60,
      jti: expect.any(String),
      credential_id: expect.any(String),
    })
    expect(found?.expiresAt).toBe(Number(found?.claims['exp']) * 1000)
    expect(JSON.stringify(records)).not.toContain(token)
    expect(inspect(events, { depth: 10 })).not.toContain(token)
    expect(events.at(-1)).toMatchObject({ type: 'token.issued', kid: undefined })
    expect(events.at(-1)).toMatchObject({ jti: found?.claims['jti'] })
  })

  it('is given out only once the store has it', async () => {
    const gate = Promise.withResolvers<void>()
    const { store, records } = watched(() => gate.promise)
    await using running = await startAuthorizationServer({ store, resources })
    let answered = false
    const answer = postToken(running.tokenEndpoint, { basic: running.client }).then((one) => {
      answered = true
      return one
    })
    // Another request goes all the way meanwhile.
    await (await fetch(`${running.issuer}/jwks`)).text()
    await (await fetch(`${running.issuer}/jwks`)).text()
    expect([answered, records.length]).toEqual([false, 0])
    gate.resolve()
    expect((await answer).status).toBe(200)
    expect(records).toHaveLength(1)
  })

  it('is not given out where the store fails: 503, and no token in the event', async () => {
    const { store } = watched(async () => Promise.reject(new Error('the disk is full')))
    await using running = await startAuthorizationServer({ store, resources })
    const { tokenEndpoint, client, events } = running
    const { status, text } = await postToken(tokenEndpoint, { basic: client })
    expect(status).toBe(503)
    expect(text).not.toContain('cst_')
    expect(events.at(-1)).toMatchObject({ type: 'request.failed', error: { code: 'ERR_STORE' } })
    expect(inspect(events, { depth: 10 })).not.toContain('cst_')
  })
})

describe('introspecting an opaque token', () => {
  it('[std:75] says what a JWT would say, and asks the store for no token that was cut', async () => {
    const { store } = watched()
    let asked = 0
    const opaqueTokens = {
      ...store.opaqueTokens,
      get(digest: string) {
        asked++
        return store.opaqueTokens.get(digest)
      },
    }
    await using running = await startAuthorizationServer({
      store: { ...store, opaqueTokens },
      resources,
      clients: [
        { clientId: 'billing', grants: [{ resource: 'urn:api', scopes: ['read'] }] },
        { clientId: 'api', grants: [] },
      ],
    })
    const { administration, server, issuer, tokenEndpoint, client, secrets } = running
    await administration.updateResource({ resource: 'urn:api', introspectionClients: ['api'] })
    await server.refresh()
    const { json } = await postToken(tokenEndpoint, { basic: client })
    const token = String(json['access_token'])
    const introspect = async (text: string): Promise<unknown> => {
      const basic = { clientId: 'api', clientSecret: secrets['api'] ?? '' }
      return (await postForm(`${issuer}/introspect`, { basic, form: { token: text } })).json
    }
    expect(await introspect(token)).toMatchObject({
      active: true,
      client_id: 'billing',
      aud: 'urn:api',
      scope: 'read',
      token_type: 'Bearer',
    })
    expect(asked).toBe(1)
    for (const other of [token.slice(0, -1), token.slice(0, 10), `${token}x`, token.slice(4)]) {
      expect(await introspect(other)).toEqual({ active: false })
    }
    expect(asked).toBe(1)
  })
})

describe('isOpaqueToken', () => {
  it('knows every token made, and no two are alike', () => {
    const tokens = Array.from({ length: 1000 }, generateOpaqueToken)
    expect(tokens.every(isOpaqueToken)).toBe(true)
    expect(new Set(tokens).size).toBe(1000)
  })

  it('refuses one that is cut, lengthened or changed anywhere', () => {
    const token = generateOpaqueToken()
    for (let end = 0; end < token.length; end++) {
      expect(isOpaqueToken(token.slice(0, end))).toBe(false)
      const letter = token[end] === 'A' ? 'B' : 'A'
      expect(isOpaqueToken(token.slice(0, end) + letter + token.slice(end + 1))).toBe(false)
    }
    for (const other of [`${token}A`, ` ${token}`, `${token}\n`, token.replace('cst_', 'csx_')]) {
      expect(isOpaqueToken(other)).toBe(false)
    }
    fc.assert(fc.property(fc.string(), (text) => !isOpaqueToken(text)))
  })
})
