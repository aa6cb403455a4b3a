import type { TokenStore } from '@countersign/client/sharing'
import { ArgumentError, assertKnownOptions, optionalString } from '@countersign/protocol'

/** The little of a `redis` (node-redis) client that is used: a single server, a cluster or a pool. */
export interface RedisScripts {
  get(key: string): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** Which Redis, and under which names. */
export interface RedisTokenStoreOptions {
  /** A connected client. It stays the caller's: to be watched for errors and closed by the caller. */
  readonly client: RedisScripts
  /** Stands before every key. Default `countersign:token:`. */
  readonly prefix?: string
}

/**
 * A token store in Redis 6 or later: for fleets.
 *
 * Entries and leases end by themselves. Each operation is one command or one script on one key, so it
 * is atomic, and works on a cluster. While the connection is down the official client holds commands
 * back; what waits in vain then is cut off by whoever uses the store.
 *
 * Throws: `ArgumentError`. Operations reject with what the client rejects with.
 */
export function redisTokenStore(options: RedisTokenStoreOptions): TokenStore {
  assertKnownOptions('redisTokenStore', options, ['client', 'prefix'])
  const given: RedisTokenStoreOptions = options
  const client = clientOf(given.client)
  const prefix = optionalString('redisTokenStore', 'prefix', given.prefix) ?? 'countersign:token:'
  const entryName = (key: string): string => `${prefix}${key}`
  const leaseName = (key: string): string => `${prefix}lease:${key}`

  return {
    async get(key) {
      const text = await client.get(entryName(key))
      if (text === null || text === undefined) return undefined
      if (typeof text === 'string') return text.replace(MEASURE, '')
      throw new TypeError('redisTokenStore: the client must give texts, not buffers')
    },
    async replaceIfNewer(key, { value, expiresAt, ttl, replacing }) {
      const written = await client.eval(REPLACE_IF_NEWER, {
        keys: [entryName(key)],
        arguments: [value, String(expiresAt), String(ttl), replacing ?? ''],
      })
      return Number(written) === 1
    },
    async lease(key, owner, ttl) {
      const keys = [leaseName(key)]
      const taken = await client.eval(LEASE, { keys, arguments: [owner, String(ttl)] })
      if (Number(taken) !== 1) return undefined
      return {
        async release() {
          await client.eval(RELEASE, { keys, arguments: [owner] })
        },
      }
    },
  }
}

/** Stands before each value: when what is in it ends. */
const MEASURE = /^\d+ /

/** An entry whose measure cannot be read is worth nothing. */
const REPLACE_IF_NEWER = `
local kept = redis.call('GET', KEYS[1])
if kept then
  local expiresAt = tonumber(string.match(kept, '^(%d+) '))
  local value = string.gsub(kept, '^%d+ ', '', 1)
  if expiresAt and expiresAt >= tonumber(ARGV[2]) and value ~= ARGV[4] then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2] .. ' ' .. ARGV[1], 'PX', ARGV[3])
return 1`

const LEASE = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`

const RELEASE = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`

function clientOf(client: RedisScripts | null | undefined): RedisScripts {
  if (typeof client?.get === 'function' && typeof client.eval === 'function') return client
  const message = "redisTokenStore: 'client' must be a client of the package redis"
  throw new ArgumentError('ERR_ARGUMENT_TYPE', 'client', message)
}
