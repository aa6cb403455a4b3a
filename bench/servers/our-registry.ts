import {
  createAdministration,
  generateMasterKey,
  parseMasterKeys,
  type MasterKey,
  type RegistryChange,
  type ServerStore,
} from '@countersign/server'
import type { PoolConfig } from 'pg'
import { memoryStore } from '@countersign/stores/memory'
import { tokenRequestText } from './token-request-text.ts'

/** Where a registry is kept: in memory where nothing is said. */
export interface StorePlace {
  /** A file. */
  readonly sqlite?: string
  readonly postgres?: PoolConfig
}

/** What a server of ours in the bench is to be like. Read from the command line as JSON. */
export interface OurOptions extends StorePlace {
  /** Default 1. */
  readonly clients?: number
  readonly tokenFormat?: 'jwt' | 'opaque'
  readonly signingAlgorithm?: 'ES256' | 'RS256'
  /** Seconds, as the server takes it. */
  readonly reuseWindow?: number
}

/** A registry and requests that its clients may send. */
export interface OurRegistry {
  readonly store: ServerStore
  readonly masterKeys: readonly MasterKey[]
  readonly requests: readonly string[]
}

/** The most clients that take turns in the load. */
const CLIENTS_IN_LOAD = 10_000

/**
 * Makes a registry with one API and so many clients that may call it. They share one secret, or making
 * them would take longer than measuring.
 */
export async function makeRegistry({
  clients = 1,
  tokenFormat = 'jwt',
  signingAlgorithm = 'ES256',
  ...place
}: OurOptions): Promise<OurRegistry> {
  const store = await openStore(place)
  const masterKeys = [generateMasterKey()]
  const administration = createAdministration({ store, masterKeys })
  const resource = 'https://api.example.test/orders'
  await administration.createResource({
    resource,
    scopes: ['orders:read'],
    tokenFormat,
    signingAlgorithm,
  })
  const { secret } = await administration.createClient({ clientId: clientName(0) })
  await administration.grant({ clientId: clientName(0), resource, scopes: ['orders:read'] })
  await addClients(store, clients)
  const step = Math.max(1, Math.floor(clients / CLIENTS_IN_LOAD))
  const requests: string[] = []
  for (let index = 0; index < clients && requests.length < CLIENTS_IN_LOAD; index += step) {
    requests.push(tokenRequestText(clientName(index), secret.reveal()))
  }
  return { store, masterKeys, requests }
}

/** Opens a registry that was made before, with the master keys as text. */
export async function openRegistry(
  place: StorePlace,
  masterKeyText: string,
): Promise<Pick<OurRegistry, 'store' | 'masterKeys'>> {
  const keys = parseMasterKeys(masterKeyText)
  if (!keys.ok) throw new Error(keys.reason)
  return { store: await openStore(place), masterKeys: keys.value }
}

async function openStore({ sqlite, postgres }: StorePlace): Promise<ServerStore> {
  // Not before they are asked for: a server over memory should not be slow to start for them.
  if (sqlite !== undefined) {
    const { sqliteStore } = await import('@countersign/stores/sqlite')
    return sqliteStore({ path: sqlite })
  }
  if (postgres !== undefined) {
    const { Pool } = (await import('pg')).default
    const { postgresStore } = await import('@countersign/stores/postgres')
    return postgresStore({ pool: new Pool(postgres) })
  }
  return memoryStore()
}

function clientName(index: number): string {
  return index === 0 ? 'billing' : `client-${index}`
}

/** Copies the first client, with its credential and grant, under other names. */
async function addClients(store: ServerStore, clients: number): Promise<void> {
  const { records } = await store.registry.changesSince(0)
  const models = records.filter(({ kind }) => kind !== 'resource' && kind !== 'signing_key')
  for (let start = 1; start < clients; start += CHUNK) {
    const changes: RegistryChange[] = []
    for (let index = start; index < Math.min(clients, start + CHUNK); index++) {
      const clientId = clientName(index)
      for (const model of models) {
        if (model.kind === 'client') {
          const record = { ...model.record, clientId, name: clientId }
          changes.push({ kind: 'client', record, require: 'none' })
        } else if (model.kind === 'credential') {
          const record = { ...model.record, clientId, credentialId: `credential-${index}` }
          changes.push({ kind: 'credential', record, require: 'none' })
        } else if (model.kind === 'grant') {
          changes.push({ kind: 'grant', record: { ...model.record, clientId }, require: 'none' })
        }
      }
    }
    await store.registry.apply(changes)
  }
}

const CHUNK = 5000
