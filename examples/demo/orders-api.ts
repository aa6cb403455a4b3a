import { createServer } from 'node:http'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'

// The API of the demo, a process of its own: it knows the issuer's name and its own, nothing else.
const [issuer = '', audience = ''] = process.argv.slice(2)

const guard = createGuard({ issuer, audience })
const orders = [
  { id: 1, item: 'kettle', amount: 39 },
  { id: 2, item: 'teapot', amount: 58 },
  { id: 3, item: 'strainer', amount: 7 },
]

const list = guarded(
  guard,
  { scope: { all: ['orders:read'] } },
  (_request, response, { principal }) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ for: principal.clientId, orders }))
  },
)

const add = guarded(guard, { scope: { all: ['orders:write'] } }, (_request, response) => {
  response.writeHead(201).end()
})

const server = createServer((request, response) => {
  const route = request.method === 'POST' ? add : list
  route(request, response)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.({ ready: address?.port })
})
process.on('disconnect', () => process.exit())
