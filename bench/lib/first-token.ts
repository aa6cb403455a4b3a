import { connect } from 'node:net'
import type { ChildServer } from './child-server.ts'

/** Milliseconds from the start of a server's process to its first token, on a new connection. */
export async function firstTokenAfter({ ready, startMilliseconds }: ChildServer): Promise<number> {
  const start = performance.now()
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(ready.port, '127.0.0.1', () => socket.write(ready.requests?.[0] ?? ''))
    socket.setEncoding('latin1')
    socket.on('error', reject)
    socket.on('data', (text: string) => {
      socket.destroy()
      resolve(text)
    })
  })
  if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`the first answer: ${answer}`)
  return startMilliseconds + performance.now() - start
}
