import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { expect } from 'vitest'
import type { Administration, AuditEntry, ServerStore } from '@countersign/server'
import { startServerProcess, type ServerProcess } from './server-process.ts'
import { makeClients, refusalOf, revoke, tokenOf, type Credentials } from './token-requests.ts'

/** What a server had answered, and what its store holds of it after the server was killed. */
export interface Losses {
  /** Answers that must be in the audit log: a revocation by its `jti`, a refusal by its identifier. */
  readonly answered: number
  /** How long before the kill the oldest answer was given that is not in the log; 0 for none. Milliseconds. */
  readonly oldestMissing: number
  readonly missing: number
  /** Those that are in the log more than once. */
  readonly twice: readonly string[]
  /** Tokens by the usage store, tokens handed out, and requests for one that the kill left unanswered. */
  readonly tokens: {
    readonly counted: number
    readonly answered: number
    readonly unanswered: number
  }
  /** Tokens handed out so long before the kill that they must have been counted. */
  readonly due: number
  /** How long before the kill the last use that the store knows of was. Milliseconds. */
  readonly lastUse: number
}

interface Answered {
  readonly key: string
  readonly at: number
}

/** What a kill may lose of the audit log, by docs/server/operation.md, and of uses. Milliseconds. */
const AUDIT_BOUND = 1000
const USAGE_BOUND = 5000
/** For the write itself, and for machines that stall. Milliseconds. */
const MARGIN = 1500
/** How long each server works: one that is killed before uses are stored for the first time, one after. */
const ROUNDS = [2600, 7700]

/** Each may cause 10 refusals a minute that are written one by one. */
const CLIENTS = 40
const PER_CLIENT = 10

/**
 * Starts a server, has it issue, revoke and refuse tokens, kills it in the middle, and starts it again;
 * twice. Gives for each kill what the store holds.
 */
export async function killWhileCounting({
  administration,
  store,
  ...place
}: {
  readonly administration: Administration
  readonly store: ServerStore
  readonly place: string
  readonly masterKeys: string
}): Promise<readonly Losses[]> {
  const clients = await makeClients(administration, CLIENTS)
  const losses: Losses[] = []
  let before = 0
  for (const length of ROUNDS) {
    const server = await startServerProcess(place)
    const traffic = startTraffic(server, clients)
    await pause(length)
    const killedAt = Date.now()
    await server.kill()
    await traffic.end()
    // Whoever starts next brings nothing back and adds nothing.
    await (await startServerProcess(place)).kill()
    const entries = await store.audit.find({ limit: 1_000_000 })
    const uses = await store.usage.read()
    const counted = uses.reduce((sum, { tokens }) => sum + tokens, 0)
    const { tokens, unanswered } = traffic
    losses.push({
      ...lossesOf(traffic.answered, entries, killedAt),
      tokens: { counted: counted - before, answered: tokens.length, unanswered: unanswered() },
      due: tokens.filter((at) => killedAt - at > USAGE_BOUND + MARGIN).length,
      lastUse: killedAt - Math.max(...uses.map(({ lastUsedAt }) => lastUsedAt)),
    })
    before = counted
  }
  return losses
}

/** Fails where a kill lost more than it may, or something was written twice. */
export function expectBounded(losses: readonly Losses[]): void {
  for (const { answered, oldestMissing, twice, tokens, due } of losses) {
    expect(answered).toBeGreaterThan(50)
    expect(oldestMissing).toBeLessThan(AUDIT_BOUND + MARGIN)
    expect(twice).toEqual([])
    expect(tokens.counted).toBeGreaterThanOrEqual(due)
    expect(tokens.counted).toBeLessThanOrEqual(tokens.answered + tokens.unanswered)
  }
  const last = losses.at(-1)
  expect(last?.due).toBeGreaterThan(10)
  expect(last?.lastUse).toBeLessThan(USAGE_BOUND + MARGIN)
}

function lossesOf(
  answered: readonly Answered[],
  entries: readonly AuditEntry[],
  killedAt: number,
): Pick<Losses, 'answered' | 'oldestMissing' | 'missing' | 'twice'> {
  const times = new Map<string, number>()
  for (const { correlationId, detail } of entries) {
    const key = correlationId ?? detail['jti']
    if (typeof key === 'string') times.set(key, (times.get(key) ?? 0) + 1)
  }
  const missing = answered.filter(({ key }) => !times.has(key))
  return {
    answered: answered.length,
    missing: missing.length,
    oldestMissing: Math.max(0, ...missing.map(({ at }) => killedAt - at)),
    twice: answered.flatMap(({ key }) => ((times.get(key) ?? 0) > 1 ? [key] : [])),
  }
}

/** Tokens, each revoked, and refusals in between, by two who ask one after the other. */
function startTraffic({ origin }: ServerProcess, clients: readonly Credentials[]) {
  const answered: Answered[] = []
  const tokens: number[] = []
  let asked = 0
  const over = new AbortController()
  const workers = [0, 1].map(async (worker) => {
    for (let turn = worker; !over.signal.aborted; turn += 2) {
      const client = clients[turn % CLIENTS]
      if (client === undefined) throw new Error('there are clients')
      asked++
      const token = await tokenOf(origin, client)
      tokens.push(Date.now())
      await revoke(origin, client, token)
      answered.push({ key: String(decodeJwt(token).jti), at: Date.now() })
      if (turn < CLIENTS * PER_CLIENT) {
        const key = await refusalOf(origin, client)
        answered.push({ key, at: Date.now() })
      }
      // Slowly: a batch of the audit log must not become full before its time is over.
      await pause(60)
    }
  })
  const ends = Promise.allSettled(workers)
  return {
    answered,
    tokens,
    unanswered: () => asked - tokens.length,
    async end() {
      over.abort()
      // The kill cut each of them off in the middle of a request, or between two: `fetch` failed.
      for (const one of await ends) {
        if (one.status === 'rejected' && !(one.reason instanceof TypeError)) throw one.reason
      }
    },
  }
}
