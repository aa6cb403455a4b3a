import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAuthorizationServer, parseMasterKeys } from '@countersign/server'
import { nodeListener } from '@countersign/server/node'
import { sqliteStore } from '@countersign/stores/sqlite'

// A server in a process of its own, to be killed. Arguments: the SQLite file and the master keys.
// It sends its parent the origin it listens on once it is ready.
const [, , path = '', masterKeyText = ''] = process.argv
const masterKeys = parseMasterKeys(masterKeyText)
if (!masterKeys.ok) throw new Error(masterKeys.reason)

const store = sqliteStore({ path })
const server = createAuthorizationServer({
  issuer: 'http://localhost',
  store,
  masterKeys: masterKeys.value,
  followInterval: 20,
})
await server.ready()
const http = createServer(nodeListener(server)).listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
})
