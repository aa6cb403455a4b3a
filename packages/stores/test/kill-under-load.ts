import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { recordKey, type ServerStore } from '@countersign/server'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { keysOf, statusOf, tokenOf, type Credentials } from './token-requests.ts'

/** What was seen while servers were killed one after the other. */
export interface KilledServers {
  /** The names of what a server had confirmed: clients created, tokens put, keys reserved. */
  readonly confirmed: Readonly<Record<Confirmed, readonly string[]>>
  /** The key sets that the servers showed after each start. */
  readonly keySets: readonly JSONWebKeySet[]
  readonly tokensIssued: number
  /** Answers to token requests other than 200, of servers that lived. */
  readonly refusals: readonly number[]
  /** Earlier tokens that verified by a later server's keys. */
  readonly verified: number
}

type Confirmed = 'create' | 'put' | 'reserve'

const ORDERS = 'https://api.example.test/orders'

/**
 * Starts a server at `place`, lets it issue tokens and take changes, kills it in the middle, and so on.
 */
export async function killUnderLoad(
  times: number,
  options: { readonly place: string; readonly masterKeys: string; readonly client: Credentials },
): Promise<KilledServers> {
  const { client } = options
  const confirmed = { create: [], put: [], reserve: [] } as Record<Confirmed, string[]>
  const keySets: JSONWebKeySet[] = []
  const refusals: number[] = []
  const tokens: string[] = []
  let tokensIssued = 0
  let verified = 0

  async function load(server: ServerProcess, round: number): Promise<void> {
    const killed = new AbortController()
    const { promise: enough, resolve } = Promise.withResolvers<void>()
    let issued = 0
    let created = 0
    const askers = Array.from({ length: 4 }, async () => {
      while (!killed.signal.aborted) {
        // A request that the kill has cut off has no status.
        const status = await statusOf(server.origin, client).catch(() => undefined)
        if (status === 200) issued++
        else if (status !== undefined) refusals.push(status)
        if (issued > 20 && created > 10) resolve()
      }
    })
    const actions = ['create', 'create', 'put', 'put', 'put', 'reserve'] as const
    const writers = actions.map(async (action, writer) => {
      for (let count = 0; !killed.signal.aborted; count++) {
        const name = `client-${round}-${writer}-${count}`
        const outcome = await server.change({ action, name }).catch(() => 'killed')
        if (outcome === 'killed') return
        if (outcome !== 'ok') throw new Error(`${action} failed: ${outcome}`)
        confirmed[action].push(name)
        if (action === 'create') created++
      }
    })
    await enough
    await server.kill()
    killed.abort()
    await Promise.all([...askers, ...writers])
    tokensIssued += issued
  }

  for (let round = 0; round <= times; round++) {
    const server = await startServerProcess(options)
    const keys = await keysOf(server.origin)
    keySets.push(keys)
    for (const token of tokens) {
      await jwtVerify(token, createLocalJWKSet(keys), { audience: ORDERS })
      verified++
    }
    tokens.push(await tokenOf(server.origin, client))
    if (round < times) await load(server, round)
    else await server.kill()
  }
  return { confirmed, keySets, tokensIssued, refusals, verified }
}

/** What of the confirmed things a store does not hold. */
export async function lostOf(
  store: ServerStore,
  { create, put, reserve }: KilledServers['confirmed'],
): Promise<readonly string[]> {
  const lost: string[] = []
  const { records } = await store.registry.changesSince(0)
  const known = new Set(records.map((one) => `${one.kind} ${recordKey(one)}`))
  for (const name of create) if (!known.has(`client ${name}`)) lost.push(`client ${name}`)
  for (const name of put) {
    if ((await store.opaqueTokens.get(name)) === undefined) lost.push(`token ${name}`)
  }
  for (const name of reserve) {
    if (await store.replay.reserve(name, 9e12)) lost.push(`use of ${name}`)
  }
  return lost
}

/** Clients that are in the registry without an entry in the audit log, or the other way round. */
export async function unevenOf({ registry, audit }: ServerStore): Promise<readonly string[]> {
  const { records } = await registry.changesSince(0)
  const made = new Set(records.flatMap((one) => (one.kind === 'client' ? [recordKey(one)] : [])))
  const entries = await audit.find({ type: 'client.created', limit: 1_000_000 })
  const told = new Set(entries.map(({ clientId }) => String(clientId)))
  return [...made, ...told].filter((name) => !made.has(name) || !told.has(name))
}
