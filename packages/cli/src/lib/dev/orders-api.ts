import type { Guard } from '@countersign/guard'
import { guarded } from '@countersign/guard/fetch'
import { parseJsonObject, readBoundedText } from '@countersign/protocol'

/** The scopes of the orders API. */
export const ORDERS_SCOPES = ['orders:read', 'orders:write'] as const

/** One of {@link ORDERS_SCOPES}. */
export type OrdersScope = (typeof ORDERS_SCOPES)[number]

/** A call that was answered, for a log. Holds no token, no query and no body. */
export interface AnsweredCall {
  readonly method: string
  /** The route it met, never the path itself: people paste anything into a path. */
  readonly route: string
  readonly status: number
  /** The verified caller; `undefined` where the guard let nobody in. */
  readonly clientId: string | undefined
}

interface Order {
  readonly id: number
  readonly item: string
}

const MAX_BODY = 16_384
const MAX_ORDERS = 100
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * A small API to call: `GET /orders` (orders:read) and `POST /orders` (orders:write). It remembers
 * the last hundred orders, in memory.
 */
export function ordersApi(
  guard: Guard<OrdersScope>,
  onCall: (call: AnsweredCall) => void,
): (request: Request) => Promise<Response> {
  let orders: readonly Order[] = [
    { id: 1, item: 'lamp' },
    { id: 2, item: 'chair' },
  ]
  let lastId = orders.length
  const callers = new WeakMap<Request, string>()

  const list = guarded(guard, { scope: { all: ['orders:read'] } }, (request, { principal }) => {
    callers.set(request, principal.clientId)
    return Response.json({ orders, askedBy: principal.clientId })
  })
  const add = guarded(
    guard,
    { scope: { all: ['orders:write'] } },
    async (request, { principal }) => {
      callers.set(request, principal.clientId)
      const item = itemOf(await readBoundedText(request.body, MAX_BODY))
      if (item === undefined) {
        const hint = 'send JSON such as {"item":"lamp"}, at most 200 characters'
        return Response.json({ error: 'invalid_request', error_description: hint }, { status: 400 })
      }
      const order = { id: ++lastId, item }
      orders = [...orders, order].slice(-MAX_ORDERS)
      return Response.json(order, { status: 201 })
    },
  )

  async function answer(request: Request, route: string): Promise<Response> {
    if (route !== '/orders') return Response.json({ error: 'not_found' }, { status: 404 })
    if (request.method === 'GET' || request.method === 'HEAD') return list(request)
    if (request.method === 'POST') return add(request)
    const headers = { allow: 'GET, HEAD, POST' }
    return Response.json({ error: 'method_not_allowed' }, { status: 405, headers })
  }

  return async (request) => {
    const route = new URL(request.url).pathname === '/orders' ? '/orders' : '(no route)'
    const response = await answer(request, route)
    onCall({
      method: METHODS.includes(request.method) ? request.method : '(no method)',
      route,
      status: response.status,
      clientId: callers.get(request),
    })
    return response
  }
}

function itemOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const body = parseJsonObject(text)
  const item: unknown = body.ok ? body.value['item'] : undefined
  return typeof item === 'string' && item !== '' && item.length <= 200 ? item : undefined
}
