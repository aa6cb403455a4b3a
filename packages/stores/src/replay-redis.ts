/**
 * What was used once, in Redis, through the official client that the caller hands in.
 *
 * @module
 */
export {
  redisReplayStore,
  type RedisReplayClient,
  type RedisReplayStoreOptions,
} from './lib/replay-redis/redis-replay-store.ts'
