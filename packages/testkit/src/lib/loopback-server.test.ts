import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { startLoopbackServer } from './loopback-server.ts'

describe('startLoopbackServer', () => {
  it('survives a client that leaves in the middle of its body, and goes on', async () => {
    const unhandled: unknown[] = []
    const note = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', note)
    try {
      await using server = await startLoopbackServer(() => new Response('here'))
      const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
      socket.write('POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 99\r\n\r\npart')
      await once(socket, 'connect')
      // Answered after the first request has reached the server, which is then in its body.
      expect(await (await fetch(server.origin)).text()).toBe('here')
      socket.destroy()
      await once(socket, 'close')
      expect(await (await fetch(server.origin)).text()).toBe('here')
      expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'GET'])
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})
