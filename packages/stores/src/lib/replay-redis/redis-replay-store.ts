import {
  ArgumentError,
  assertKnownOptions,
  optionalFunction,
  optionalNumber,
  optionalString,
} from '@countersign/protocol'
import { ServerError, type ReplayStore } from '@countersign/server'
import { within } from '../within.ts'

/** The little of a `redis` (node-redis) client that is used: a single server, a cluster or a pool. */
export interface RedisReplayClient {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  /** False while it is not connected, where the client can tell. */
  readonly isReady?: boolean
}

/** Which Redis, and under which names. */
export interface RedisReplayStoreOptions {
  /** A connected client. It stays the caller's: to be watched for errors and closed by the caller. */
  readonly client: RedisReplayClient
  /** Stands before every key. Default `countersign:replay:`. */
  readonly prefix?: string
  /** How long a call may take, in milliseconds. Default 1,000. */
  readonly deadline?: number
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
}

/** Kept longer than asked for: the clocks of two servers may be so far apart. */
const CLOCK_MARGIN = 60_000
/** Calls that may wait at one time: a Redis that hangs must not fill the memory. */
const MAX_WAITING = 10_000

/**
 * Remembers what was used once in Redis 6 or later, for any number of servers: one command on one key,
 * so atomic, on a cluster too. Entries end by themselves.
 *
 * Redis must neither evict nor lose them: `maxmemory-policy noeviction`. One that fails over may have
 * lost the last instants, and with them a first use. Lives are counted from the server's own clock, so
 * that of Redis need not agree.
 *
 * Throws: `ArgumentError`, at once. Calls reject with `ServerError`: `ERR_STORE` where Redis is not
 * connected, fails, does not answer in time, or answers in a way that proves nothing; `ERR_CLOSED` once
 * closed.
 */
export function redisReplayStore(options: RedisReplayStoreOptions): ReplayStore {
  const caller = 'redisReplayStore'
  assertKnownOptions(caller, options, ['client', 'prefix', 'deadline', 'now'])
  const given: RedisReplayStoreOptions = options
  const client = clientOf(given.client)
  const prefix = optionalString(caller, 'prefix', given.prefix) ?? 'countersign:replay:'
  const deadline = optionalNumber(caller, 'deadline', given.deadline, {
    fallback: 1000,
    min: 10,
    max: 60_000,
  })
  const now = optionalFunction(caller, 'now', given.now, Date.now)
  let waiting = 0
  let isClosed = false

  async function ask(key: string, life: number): Promise<unknown> {
    // The official client would hold the command back until it is connected again.
    if (client.isReady === false) throw new Error('the client is not connected')
    if (waiting >= MAX_WAITING) throw new Error('too many calls wait for an answer')
    waiting++
    const asked = client
      .eval(RESERVE, { keys: [`${prefix}${key}`], arguments: [String(life)] })
      .finally(() => waiting--)
    return within(asked, deadline)
  }

  return {
    async reserve(key, expiresAt) {
      if (isClosed) throw new ServerError('ERR_CLOSED', 'the replay store on Redis is closed')
      let answer: unknown
      try {
        answer = await ask(key, Math.ceil(Math.max(0, expiresAt - now())) + CLOCK_MARGIN)
      } catch (cause) {
        throw new ServerError('ERR_STORE', 'the replay store on Redis failed', { cause })
      }
      // The script's own numbers, as a client may put them; anything else says nothing of a first use.
      if (answer === 1 || answer === 1n || answer === '1') return true
      if (answer === 0 || answer === 0n || answer === '0') return false
      throw new ServerError(
        'ERR_STORE',
        'the replay store on Redis got an answer that proves nothing: is the client one of the package redis?',
      )
    },
    async forgetExpired() {},
    async close() {
      isClosed = true
    },
  }
}

const RESERVE = `
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 1 end
return 0`

function clientOf(client: RedisReplayClient | null | undefined): RedisReplayClient {
  if (typeof client?.eval === 'function') return client
  throw new ArgumentError(
    client === undefined ? 'ERR_ARGUMENT_MISSING' : 'ERR_ARGUMENT_TYPE',
    'client',
    "redisReplayStore: 'client' must be a client of the package redis",
  )
}
