import { createClient as createRedis } from 'redis'
import { createClient } from '@countersign/client'
import { sharedTokens, type TokenStore } from '@countersign/client/sharing'
import { fileTokenStore } from '@countersign/stores/token-file'
import { redisTokenStore } from '@countersign/stores/token-redis'

// A process that uses tokens. Arguments: the token endpoint, a Redis or a folder, the store's key.
// It calls, each time as if it had just started, from the message `run` on until the message `stop`;
// with `once` it calls once. Then it sends what came of it.
const [, , tokenEndpoint = '', place = '', storeKey = ''] = process.argv

let failures = 0
const share = sharedTokens({
  store: await storeAt(place),
  keys: [storeKey],
  timeout: 200,
  onEvent: ({ type }) => {
    if (type === 'store.failed') failures++
  },
})

async function storeAt(where: string): Promise<TokenStore> {
  if (!where.startsWith('redis:')) return fileTokenStore({ folder: where })
  const client = createRedis({ url: where, socket: { reconnectStrategy: 50 } })
  client.on('error', () => {})
  await client.connect()
  return redisTokenStore({ client })
}

async function call(): Promise<string> {
  const client = createClient({ tokenEndpoint, clientId: 'billing', clientSecret: 's3cret', share })
  return (await client.getToken()).value
}

let stopped = new AbortController()
process.on('message', (message) => {
  if (message === 'stop') stopped.abort()
  else void work(message === 'run')
})

async function work(on: boolean): Promise<void> {
  stopped = new AbortController()
  const values = new Set<string>()
  let calls = 0
  let failed = 0
  for (;;) {
    calls++
    try {
      values.add(await call())
    } catch {
      failed++
    }
    await new Promise((resolve) => void setTimeout(resolve, on ? 5 : 0))
    if (!on || stopped.signal.aborted) break
  }
  process.send?.({ calls, failed, storeFailures: failures, values: [...values] })
}

process.send?.('ready')
