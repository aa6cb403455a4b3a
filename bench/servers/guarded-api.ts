import { createServer, type RequestListener } from 'node:http'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { announce } from '../lib/child-server.ts'

// An API behind a guard on node:http. Arguments: issuer, audience, address of the keys. What is below
// `/warm-up` stands behind a guard of its own, so that it warms up the code and not the guard's memory.
const [issuer = '', audience = '', jwksUri = ''] = process.argv.slice(2)
const body = '{"orders":[{"id":1,"item":"kettle"}]}'
const listener = await listenerBehind(jwksUri)
const warmUp = await listenerBehind(`${jwksUri}?warm-up`)
const server = createServer((request, response) =>
  request.url === '/warm-up' ? warmUp(request, response) : listener(request, response),
)
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) announce({ port: address.port })
})

async function listenerBehind(keys: string): Promise<RequestListener> {
  const guard = createGuard({ issuer, audience, jwksUri: keys })
  await guard.ready()
  return guarded(guard, { scope: { all: ['orders:read'] } }, (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
    response.end(body)
  })
}
