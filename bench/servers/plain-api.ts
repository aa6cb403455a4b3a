import { createServer } from 'node:http'
import { announce } from '../lib/child-server.ts'

// An API and a token endpoint that do nothing: all there is to measure is the caller.
const order = '{"orders":[{"id":1,"item":"kettle"}]}'
const token = '{"access_token":"at-0123456789","token_type":"Bearer","expires_in":86400}'
const server = createServer((request, response) => {
  const body = request.url === '/token' ? token : order
  request.resume()
  response.writeHead(request.headers.authorization === undefined ? 401 : 200, {
    'content-type': 'application/json',
    'content-length': body.length,
  })
  response.end(body)
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) announce({ port: address.port })
})
