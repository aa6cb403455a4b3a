import { createClient as createRedis } from 'redis'
import { createClient } from '@countersign/client'
import { sharedTokens, type TokenStore } from '@countersign/client/sharing'
import { fileTokenStore } from '@countersign/stores/token-file'
import { redisTokenStore } from '@countersign/stores/token-redis'

// A process that uses tokens. Arguments: the token endpoint, a Redis or a folder, the store's key, the
// milliseconds that the store has. It calls, each time as if it had just started, from the message `run`
// on until the message `stop`; with `once` it calls once. Then it sends what came of it, and with
// `report` what has come so far.
const [, , tokenEndpoint = '', place = '', storeKey = '', timeout = ''] = process.argv

let storeFailures = 0
let taken = 0
const share = sharedTokens({
  store: await storeAt(place),
  keys: [storeKey],
  timeout: Number(timeout),
  onEvent: ({ type }) => {
    if (type === 'store.failed') storeFailures++
    if (type === 'token.shared') taken++
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

const values = new Set<string>()
let calls = 0
let failed = 0
let stopped = false
process.on('message', (message) => {
  if (message === 'stop') stopped = true
  else if (message === 'report') report()
  else void work(message === 'run')
})

function report(): void {
  process.send?.({ calls, failed, storeFailures, taken, values: [...values] })
}

async function work(on: boolean): Promise<void> {
  for (;;) {
    calls++
    try {
      values.add(await call())
    } catch {
      failed++
    }
    await new Promise((resolve) => void setTimeout(resolve, on ? 5 : 0))
    if (!on || stopped) break
  }
  report()
}

// Whoever started it is gone: nobody is left to stop it.
process.on('disconnect', () => process.exit())
process.send?.('ready')
