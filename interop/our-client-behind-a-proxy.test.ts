import { connect } from 'node:net'
import { startListener, startLoopbackServer } from '@countersign/testkit'
import { createServer } from 'node:http'
import { fetch as undiciFetch, ProxyAgent } from 'undici'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient, type FetchFunction } from '@countersign/client'

/** A proxy that tunnels what it is asked to, and remembers where to. */
async function startProxy() {
  const tunnels: string[] = []
  const proxy = createServer()
  proxy.on('connect', (request, socket, head) => {
    tunnels.push(request.url ?? '')
    const { hostname, port } = new URL(`http://${request.url}`)
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('error', () => target.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const { port } = proxy.address() as { port: number }
  return { tunnels, origin: `http://127.0.0.1:${port}` }
}

describe('our client behind a proxy', () => {
  it('goes through the fetch it was given: to the metadata, the token endpoint and the API', async () => {
    const server = await startLoopbackServer((request, { path }) => {
      const { origin } = new URL(request.url)
      return path === '/token'
        ? Response.json({ access_token: 'at-1', token_type: 'Bearer', expires_in: 600 })
        : Response.json({ issuer: origin, token_endpoint: `${origin}/token` })
    })
    const api = await startListener((request, response) => {
      response.end(request.headers.authorization)
    })
    const proxy = await startProxy()
    const dispatcher = new ProxyAgent({ uri: proxy.origin, proxyTunnel: true })
    onTestFinished(async () => {
      await dispatcher.destroy()
      await server.close()
      await api.close()
    })
    const fetch: FetchFunction = (input, init) =>
      undiciFetch(input as never, {
        ...(init as object),
        dispatcher,
      }) as unknown as Promise<Response>
    const auth = createClient({
      issuer: server.origin,
      clientId: 'billing',
      clientSecret: 's3cret',
      fetch,
    })
    expect(await (await auth.fetch(api.origin)).text()).toBe('Bearer at-1')
    const places = [server.origin, api.origin].map((origin) => new URL(origin).host)
    expect(new Set(proxy.tunnels)).toEqual(new Set(places))
  })
})
