/**
 * A token store in Redis, through the official client that the caller hands in.
 *
 * @module
 */
export {
  redisTokenStore,
  type RedisScripts,
  type RedisTokenStoreOptions,
} from './lib/token-redis/redis-token-store.ts'
