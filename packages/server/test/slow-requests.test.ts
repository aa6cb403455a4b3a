import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createAuthorizationServer,
  generateMasterKey,
  type AuthorizationServer,
  type ServerEvent,
} from '@countersign/server'
import { nodeListener, SERVER_LIMITS } from '@countersign/server/node'
import { memoryStore } from '@countersign/testkit'

let server: AuthorizationServer
let port: number
let stop: () => void
const events: ServerEvent[] = []
beforeAll(async () => {
  server = createAuthorizationServer({
    issuer: 'http://localhost',
    store: memoryStore(),
    masterKeys: [generateMasterKey()],
    bodyTimeout: 50,
    onEvent: (event) => events.push(event),
  })
  await server.ready()
  const listening = createServer(
    { ...SERVER_LIMITS, headersTimeout: 100, requestTimeout: 400, connectionsCheckingInterval: 20 },
    nodeListener(server),
  )
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  port = (listening.address() as AddressInfo).port
  stop = () => {
    listening.close()
    listening.closeAllConnections()
  }
})
afterAll(async () => {
  stop()
  await server.close()
})

/** What came back before the other end closed, for texts sent one by one. */
function speak(...texts: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => {
      for (const text of texts) socket.write(text)
    })
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const FORM = 'Content-Type: application/x-www-form-urlencoded'

describe('a request that comes slowly', () => {
  it.each(['/token', '/introspect', '/revoke'])(
    'is answered with 408 and its connection is closed: %s',
    async (path) => {
      const answer = await speak(
        `POST ${path} HTTP/1.1\r\nHost: localhost\r\n${FORM}\r\nContent-Length: 100\r\n\r\ngrant`,
      )
      expect(answer).toMatch(/^HTTP\/1\.1 408 /)
      expect(answer.toLowerCase()).toContain('connection: close')
      expect(answer).toContain('"error":"invalid_request"')
      expect(events.at(-1)).toMatchObject({ reason: 'body_late', status: 408 })
    },
  )

  it('is answered with 408 where its length is not stated either', async () => {
    const answer = await speak(
      `POST /token HTTP/1.1\r\nHost: localhost\r\n${FORM}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ngrant\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('ends by the limits of the connection where its headers never end', async () => {
    expect(await speak('POST /token HTTP/1.1\r\nHost: localhost\r\n')).toMatch(/^HTTP\/1\.1 408 /)
  })

  it('ends by the limits of the connection where nobody reads the body', async () => {
    const answer = await speak(
      'POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
  })
})

describe('SERVER_LIMITS', () => {
  it('refuses a header block over 16 KiB', async () => {
    const headers = `X-Long: ${'x'.repeat(17_000)}`
    const answer = await speak(`GET /jwks HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  })
})
