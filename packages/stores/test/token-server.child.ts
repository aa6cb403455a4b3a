import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import {
  createAdministration,
  createAuthorizationServer,
  parseMasterKeys,
} from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { postgresStore } from '@countersign/stores/postgres'
import { sqliteStore } from '@countersign/stores/sqlite'
import type { Change } from './server-process.ts'

// A server in a process of its own, to be killed. Arguments: where its things are, the master keys, how
// often to look for changes. It sends its parent the origin it listens on once it is ready, and then
// the outcome of each change that it is asked for.
const [, , place = '', masterKeyText = '', followInterval = '20'] = process.argv
const masterKeys = parseMasterKeys(masterKeyText)
if (!masterKeys.ok) throw new Error(masterKeys.reason)

const store = place.startsWith('postgres://')
  ? postgresStore({ pool: new pg.Pool({ connectionString: place, connectionTimeoutMillis: 2000 }) })
  : sqliteStore({ path: place })
const server = createAuthorizationServer({
  issuer: 'http://localhost',
  store,
  masterKeys: masterKeys.value,
  followInterval: Number(followInterval),
})
const administration = createAdministration({ store, masterKeys: masterKeys.value })

async function make({ action, name }: Change): Promise<string> {
  switch (action) {
    case 'create':
      await administration.createClient({ clientId: name })
      return 'ok'
    case 'disable':
      await administration.disableClient(name)
      return 'ok'
    case 'put':
      await store.opaqueTokens.put({ digest: name, claims: {}, expiresAt: 9e12 })
      return 'ok'
    case 'reserve':
      return (await store.replay.reserve(name, 9e12)) ? 'ok' : 'used'
  }
}

async function outcomeOf(change: Change): Promise<string> {
  try {
    return await make(change)
  } catch (error) {
    return String((error as { readonly code?: unknown }).code)
  }
}

await server.ready()
process.on('message', (asked: Change & { readonly id: number }) => {
  void outcomeOf(asked).then((outcome) => process.send?.({ id: asked.id, outcome }))
})
const http = createServer(nodeListener(server)).listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
})
