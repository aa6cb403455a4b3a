// The public API of @countersign/stores/replay-redis. Written by: npm run check -- --update

import { ReplayStore } from '@countersign/server'

export {
  RedisReplayClient,
  RedisReplayStoreOptions,
  redisReplayStore,
}

interface RedisReplayClient {
    eval(script: string, options: {
        keys: string[];
        arguments: string[];
    }): Promise<unknown>;
    readonly isReady?: boolean;
}

interface RedisReplayStoreOptions {
    readonly client: RedisReplayClient;
    readonly prefix?: string;
    readonly deadline?: number;
    readonly now?: () => number;
}

function redisReplayStore(options: RedisReplayStoreOptions): ReplayStore;
