import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startListener, startAuthorizationServer } from '@countersign/testkit'
import { nodeListener } from './node-listener.ts'

describe('nodeListener', () => {
  it('leaves the global Request and Response as they are', async () => {
    const globals = [globalThis.Request, globalThis.Response]
    await using server = await startAuthorizationServer()
    expect((await fetch(`${server.issuer}/jwks`)).status).toBe(200)
    expect([globalThis.Request, globalThis.Response]).toEqual(globals)
  })

  it('serves a wrapper of a server, with what the wrapper adds', async () => {
    await using server = await startAuthorizationServer()
    await using loopback = await startListener(
      nodeListener({
        async fetch(request) {
          const response = await server.server.fetch(request)
          response.headers.set('x-added', 'yes')
          return response
        },
      }),
    )
    const response = await fetch(`${loopback.origin}/jwks`)
    expect([response.status, response.headers.get('x-added')]).toEqual([200, 'yes'])
    expect(await response.json()).toHaveProperty('keys')
  })

  it('answers a request without a usable Host with 400 in JSON', async () => {
    await using server = await startAuthorizationServer()
    const answer = await speak(server.origin, 'GET /jwks HTTP/1.1\r\nHost: a b\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('{"error":"invalid_request"')
  })

  it('survives a client that leaves in the middle of its body', async () => {
    await using server = await startAuthorizationServer()
    const { port } = new URL(server.origin)
    const type = 'content-type: application/x-www-form-urlencoded'
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /token HTTP/1.1\r\nHost: x\r\n${type}\r\ncontent-length: 99\r\n\r\ngrant`,
        )
        socket.end(() => socket.destroy())
      })
      socket.on('close', () => resolve())
    })
    expect((await fetch(`${server.issuer}/jwks`)).status).toBe(200)
    expect(server.events.filter(({ type: kind }) => kind === 'request.failed')).toEqual([])
  })
})

describe('nodeListener, with what the headers of node would hide', () => {
  const FORM = 'content-type: application/x-www-form-urlencoded'

  it('shows a header that came twice, so that it is refused', async () => {
    await using server = await startAuthorizationServer()
    const { clientId, clientSecret } = server.client
    const basic = `authorization: Basic ${btoa(`${clientId}:${clientSecret}`)}`
    const body = 'grant_type=client_credentials'
    const head = `POST /token HTTP/1.1\r\nHost: x\r\n${FORM}\r\ncontent-length: ${body.length}\r\n`
    expect(await speak(server.origin, `${head}${basic}\r\n\r\n${body}`)).toContain(' 200 ')
    const answer = await speak(
      server.origin,
      `${head}${basic}\r\nAuthorization: Basic x\r\n\r\n${body}`,
    )
    expect(answer).toContain(' 401 ')
    expect(server.events.at(-1)).toMatchObject({ reason: 'basic_malformed' })
  })

  it('takes a target in absolute form, and a body in chunks up to the cap', async () => {
    await using server = await startAuthorizationServer()
    expect(await speak(server.origin, 'GET http://x/jwks HTTP/1.1\r\nHost: x\r\n\r\n')).toContain(
      ' 200 ',
    )
    const head = `POST /token HTTP/1.1\r\nHost: x\r\n${FORM}\r\ntransfer-encoding: chunked\r\n\r\n`
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    expect(await speak(server.origin, `${head}${chunk}0\r\n\r\n`)).toContain(' 401 ')
    expect(await speak(server.origin, `${head}${chunk}1\r\nx\r\n0\r\n\r\n`)).toContain(' 413 ')
  })
})

describe('a Host that is no host', () => {
  it.each(['a:99999', '1.2.3.999', '[::1]:70000', '[1:2]', 'a b', 'a/b'])(
    'is the fault of who sends it, not of the server: %s',
    async (host) => {
      await using server = await startAuthorizationServer()
      const answer = await speak(server.origin, `GET /jwks HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
      expect(answer).toContain(' 400 ')
      expect(server.events.filter(({ type }) => type === 'request.failed')).toEqual([])
    },
  )
})

function speak(origin: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => {
      answer += chunk
      if (answer.includes('}')) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}
