import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { keysOf, statusOf, tokenOf, type Credentials } from './token-requests.ts'

/** What was seen while servers were killed one after the other. */
export interface KilledServers {
  /** Clients whose creation a server had confirmed. */
  readonly confirmed: readonly string[]
  /** The key sets that the servers showed after each start. */
  readonly keySets: readonly JSONWebKeySet[]
  readonly tokensIssued: number
  /** Answers to token requests other than 200, of servers that lived. */
  readonly refusals: readonly number[]
  /** Earlier tokens that verified by a later server's keys. */
  readonly verified: number
}

const ORDERS = 'https://api.example.test/orders'

/**
 * Starts a server at `place`, lets it issue tokens and take changes, kills it in the middle, and so on.
 */
export async function killUnderLoad(
  times: number,
  options: { readonly place: string; readonly masterKeys: string; readonly client: Credentials },
): Promise<KilledServers> {
  const { client } = options
  const confirmed: string[] = []
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
    const writers = Array.from({ length: 2 }, async (_, writer) => {
      for (let count = 0; !killed.signal.aborted; count++) {
        const clientId = `client-${round}-${writer}-${count}`
        const outcome = await server.change({ action: 'create', clientId }).catch(() => 'killed')
        if (outcome === 'killed') return
        if (outcome !== 'ok') throw new Error(`a change failed: ${outcome}`)
        confirmed.push(clientId)
        created++
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
