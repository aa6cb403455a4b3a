import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { Provider, type Adapter, type AdapterPayload } from 'oidc-provider'
import { announce } from '../lib/child-server.ts'
import { tokenRequestText } from './token-request-text.ts'

// oidc-provider with its clients in SQLite, read by an adapter when they are asked for; everything else
// in memory. Argument: the file, whose table `clients` has `id` and `metadata`.
const database = new DatabaseSync(process.argv[2] ?? '', { readOnly: true })
const byId = database.prepare('SELECT metadata FROM clients WHERE id = ?')

/** An adapter as its documentation describes one. */
class SqliteAdapter implements Adapter {
  readonly #kept = new Map<string, AdapterPayload>()
  readonly #model: string

  constructor(model: string) {
    this.#model = model
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.#model !== 'Client') return this.#kept.get(id)
    const row = byId.get(id)
    return row && (JSON.parse(String(row['metadata'])) as AdapterPayload)
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#kept.set(id, payload)
  }

  async destroy(id: string): Promise<void> {
    this.#kept.delete(id)
  }

  async consume(): Promise<void> {}
  async findByUid(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async revokeByGrantId(): Promise<void> {}
}

const server = createServer({ keepAliveTimeout: 60_000 })
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const provider = new Provider(`http://127.0.0.1:${port}`, {
  adapter: SqliteAdapter,
  scopes: ['orders:read'],
  features: { devInteractions: { enabled: false }, clientCredentials: { enabled: true } },
})
const callback = provider.callback()
server.on('request', (request, response) => void callback(request, response))
const { metadata } = byId.get('client-1') ?? {}
const { client_secret } = JSON.parse(String(metadata)) as { client_secret: string }
announce({ port, requests: [tokenRequestText('client-1', client_secret)] })
