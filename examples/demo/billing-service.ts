import { clientCredentials, createClient, authorizedFetch, fromEnv } from '@countersign/client'
import { watchedFetch, type Exchange } from './exchange.ts'

/** What the narrator asks of the service. */
export type Order =
  | { readonly do: 'call'; readonly method: 'GET' | 'POST'; readonly times: number }
  | { readonly do: 'tamper'; readonly pretend: boolean }
  | { readonly do: 'key' }
  | { readonly do: 'flow' }
  | { readonly do: 'stop' }

/** What the service reports. */
export type Report =
  | { readonly type: 'ready' }
  | { readonly type: 'exchange'; readonly exchange: Exchange }
  | { readonly type: 'renewal-failed'; readonly message: string }
  | { readonly type: 'key'; readonly kid: string }
  | {
      readonly type: 'called'
      readonly statuses: Readonly<Record<string, number>>
      readonly slowest: number
    }
  | { readonly type: 'failed'; readonly message: string }

// A service that calls the orders API, a process of its own. Its settings are its environment's.
const { ISSUER = '', ORDERS = '', RESOURCE = '', KEEP = 'yes' } = process.env
const report = (message: Report): void => void process.send?.(message)

let watching = false
const fetch = watchedFetch(
  new URL(ISSUER).host,
  () => watching,
  (exchange) => report({ type: 'exchange', exchange }),
)
const options = {
  issuer: ISSUER,
  clientId: 'billing',
  clientSecret: fromEnv('CLIENT_SECRET'),
  scope: ['orders:read'],
  resource: RESOURCE,
  fetch,
}
const auth = createClient({
  ...options,
  origins: [new URL(ORDERS).origin],
  onEvent(event) {
    if (event.type === 'token.failed' && event.background) {
      report({ type: 'renewal-failed', message: event.error.message })
    }
  },
})
// Without keeping, each call asks for a token of its own: how the demo breaks its second step.
const call = KEEP === 'yes' ? auth.fetch : authorizedFetch(clientCredentials(options), { fetch })

const statuses: Record<string, number> = {}
let slowest = 0
let flow = new AbortController()

async function once(method: 'GET' | 'POST'): Promise<void> {
  const started = performance.now()
  let outcome: string
  try {
    const response = await call(`${ORDERS}/orders`, { method })
    await response.arrayBuffer()
    outcome = String(response.status)
  } catch (error) {
    outcome = error instanceof Error ? error.message : 'failed'
  }
  slowest = Math.max(slowest, performance.now() - started)
  statuses[outcome] = (statuses[outcome] ?? 0) + 1
}

function tellCalled(): void {
  report({ type: 'called', statuses: { ...statuses }, slowest })
  for (const status of Object.keys(statuses)) delete statuses[status]
  slowest = 0
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'call') {
    watching = order.times === 1
    await Promise.all(Array.from({ length: order.times }, () => once(order.method)))
    watching = false
    tellCalled()
  } else if (order.do === 'tamper') {
    const { value } = await auth.getToken()
    const token = order.pretend ? value : widened(value)
    watching = true
    const response = await fetch(`${ORDERS}/orders`, {
      headers: { authorization: `Bearer ${token}` },
    })
    watching = false
    statuses[String(response.status)] = 1
    tellCalled()
  } else if (order.do === 'key') {
    const { value } = await auth.getToken()
    const header = Buffer.from(value.split('.')[0] ?? '', 'base64url').toString()
    report({ type: 'key', kid: (JSON.parse(header) as { kid: string }).kid })
  } else if (order.do === 'flow') {
    flow = new AbortController()
    const { signal } = flow
    while (!signal.aborted) {
      await once('GET')
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    tellCalled()
  } else flow.abort()
}

/** The token with a scope added to its claims, and the signature it had. */
function widened(token: string): string {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const wider = JSON.stringify({ ...claims, scope: 'orders:read orders:write' })
  return [header, Buffer.from(wider).toString('base64url'), signature].join('.')
}

process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) => {
    report({ type: 'failed', message: error instanceof Error ? error.message : String(error) })
  })
})
process.on('disconnect', () => process.exit())
report({ type: 'ready' })
