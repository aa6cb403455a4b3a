// The public API of @countersign/stores/token-redis. Written by: npm run check -- --update

import { TokenStore } from '@countersign/client/sharing'

export {
  RedisScripts,
  RedisTokenStoreOptions,
  redisTokenStore,
}

interface RedisScripts {
    get(key: string): Promise<unknown>;
    eval(script: string, options: {
        keys: string[];
        arguments: string[];
    }): Promise<unknown>;
}

interface RedisTokenStoreOptions {
    readonly client: RedisScripts;
    readonly prefix?: string;
}

function redisTokenStore(options: RedisTokenStoreOptions): TokenStore;
