import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createAdministration,
  createAuthorizationServer,
  generateMasterKey,
  type RegistryChange,
  type ServerStore,
} from '@countersign/server'
import { sqliteStore } from '@countersign/stores/sqlite'
import { makeBilling, type Credentials } from './token-requests.ts'

const masterKeys = [generateMasterKey()]
const ORDERS = 'https://api.example.test/orders'
const PARTS = ['registry', 'replay', 'opaqueTokens', 'audit', 'usage'] as const

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'countersign-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A store that counts the calls of all its parts. */
function counting(store: ServerStore): { readonly store: ServerStore; readonly calls: string[] } {
  const calls: string[] = []
  const parts = PARTS.map((name) => {
    const part = new Proxy<object>(store[name], {
      get(target, member, receiver) {
        const value: unknown = Reflect.get(target, member, receiver)
        if (typeof value !== 'function') return value
        return (...given: unknown[]): unknown => {
          calls.push(`${name}.${String(member)}`)
          return Reflect.apply(value, target, given)
        }
      },
    })
    return [name, part]
  })
  return { store: { ...store, ...Object.fromEntries(parts) } as ServerStore, calls }
}

/** Writes clients as `createClient` and `grant` would, a thousand in one change. */
async function fill({ registry }: ServerStore, count: number): Promise<void> {
  for (let first = 0; first < count; first += 1000) {
    const changes: RegistryChange[] = []
    for (let number = first; number < Math.min(count, first + 1000); number++) {
      const clientId = `client-${number}`
      const common = { clientId, createdAt: 1_767_225_600_000 }
      changes.push(
        {
          kind: 'client',
          require: 'none',
          record: { ...common, name: clientId, state: 'active', authenticationMethods: null },
        },
        {
          kind: 'grant',
          require: 'none',
          record: {
            ...common,
            resource: ORDERS,
            scopes: ['orders:read'],
            tokenLifetimeSeconds: null,
            authorizationDetailsTypes: [],
          },
        },
      )
    }
    await registry.apply(changes)
  }
}

function askToken({ clientId, clientSecret }: Credentials): Request {
  return new Request('https://as.example.test/token', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
}

describe('an authorization server with many clients on SQLite', () => {
  it.each([100, 100_000])(
    'reads %i clients at its start and asks the store nothing for a token',
    async (count) => {
      const path = join(folder, 'registry.db')
      const filling = sqliteStore({ path })
      const client = await makeBilling(createAdministration({ store: filling, masterKeys }))
      await fill(filling, count)
      await filling.close()

      const { store, calls } = counting(sqliteStore({ path }))
      const server = createAuthorizationServer({
        issuer: 'https://as.example.test',
        store,
        masterKeys,
        followInterval: 3_600_000,
      })
      await server.ready()
      expect(calls).toContain('registry.changesSince')
      expect((await server.fetch(askToken(client))).status).toBe(200)
      const before = calls.length
      for (let round = 0; round < 10; round++) {
        const answers = await Promise.all(
          Array.from({ length: 50 }, () => server.fetch(askToken(client))),
        )
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
      }
      expect(calls.slice(before)).toEqual([])
      await server.close()
      await store.close()
    },
    120_000,
  )
})
