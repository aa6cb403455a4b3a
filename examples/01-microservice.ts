// One service calls another in its own name.
//
//   npx node -C @countersign/source examples/01-microservice.ts
//
// `billing` reads orders from the orders API. It keeps one token for all its calls, the API knows
// who calls without asking anybody, and what billing was not granted it cannot do.
import { createClient } from '@countersign/client'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { listen } from './support/listen.ts'
import { prove } from './support/prove.ts'
import { startIssuer } from './support/start-issuer.ts'

const resource = 'https://orders.example'
await using issuer = await startIssuer({
  resource,
  scopes: ['orders:read', 'orders:write'],
  clientId: 'billing',
  granted: ['orders:read'],
})

// The orders service: a plain node:http server with a guard before its routes.
const guard = createGuard<'orders:read' | 'orders:write'>({
  issuer: issuer.issuer,
  audience: resource,
})
const readOrders = guarded(
  guard,
  { scope: { all: ['orders:read'] } },
  (_request, response, caller) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ orders: [17, 18], askedBy: caller.principal.clientId }))
  },
)
const writeOrder = guarded(guard, { scope: { all: ['orders:write'] } }, (_request, response) => {
  response.writeHead(201).end()
})
await using orders = await listen((request, response) =>
  (request.method === 'POST' ? writeOrder : readOrders)(request, response),
)

// The billing service: one client, made once and kept.
const auth = createClient({
  issuer: issuer.issuer,
  clientId: 'billing',
  clientSecret: issuer.clientSecret, // elsewhere: fromEnv('CLIENT_SECRET') or fromFile(path)
  scope: ['orders:read'],
  resource,
  origins: [orders.origin],
})

const first = await auth.fetch(`${orders.origin}/orders`)
const answer = (await first.json()) as { readonly askedBy: string }
prove(`billing asked for orders and got ${first.status}`, first.status === 200)
prove(`the orders service knows who asked: ${answer.askedBy}`, answer.askedBy === 'billing')

const many = await Promise.all(
  Array.from({ length: 200 }, async () => {
    const response = await auth.fetch(`${orders.origin}/orders`)
    await response.arrayBuffer()
    return response.status
  }),
)
const served = many.filter((status) => status === 200).length
prove(`200 more calls at once: ${served} served`, served === 200)
prove(`tokens issued for all of that: ${issuer.tokensIssued}`, issuer.tokensIssued === 1)

const refused = await auth.fetch(`${orders.origin}/orders`, { method: 'POST', body: '{}' })
prove(`billing tried to write an order and got ${refused.status}`, refused.status === 403)
console.log(`       ${refused.headers.get('www-authenticate')}`)
