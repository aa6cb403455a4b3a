import { createServer } from 'node:http'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { announce } from '../lib/child-server.ts'

// An API behind a guard on node:http. Arguments: issuer, audience, address of the keys.
const [issuer = '', audience = '', jwksUri = ''] = process.argv.slice(2)
const guard = createGuard({ issuer, audience, jwksUri })
await guard.ready()
const body = '{"orders":[{"id":1,"item":"kettle"}]}'
const server = createServer(
  guarded(guard, { scope: { all: ['orders:read'] } }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  }),
)
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) announce({ port: address.port })
})
