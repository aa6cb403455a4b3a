import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePort } from './free-port.ts'
import { startProcess } from './start-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

const TOKENS = 20_000
const CONNECTIONS = 64
/** Requests that are under way on each connection: what they hold is what V8 grows its space for. */
const TOGETHER = 16

/**
 * Asks for the tokens, over connections that send several requests at once. Gives how many came, and calls
 * `look` at each tenth of them.
 */
async function flood(origin: string, request: string, look: () => Promise<void>): Promise<number> {
  const { hostname, port } = new URL(origin)
  const looks: Promise<void>[] = []
  let left = TOKENS
  let issued = 0
  const ask = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      let open = 0
      let text = ''
      const send = (): void => {
        open = Math.min(TOGETHER, left)
        left -= open
        if (open > 0) socket.write(request.repeat(open))
        else socket.end(resolve)
      }
      socket.once('error', reject)
      socket.setEncoding('latin1').on('data', (part: string) => {
        text += part
        for (const [, status] of text.matchAll(/HTTP\/1\.1 (\d{3})/g)) {
          if (status !== '200') reject(new Error(`answered ${status}`))
          open--
          issued++
          if (issued % (TOKENS / 10) === 0) looks.push(look())
        }
        // An answer may begin at the end of a part; a whole beginning is longer than what is kept.
        text = text.slice(-11)
        if (open === 0) send()
      })
      send()
    })
  await Promise.all(Array.from({ length: CONNECTIONS }, ask))
  await Promise.all(looks)
  return issued
}

function tokenRequest(firstRun: string): string {
  const { client_id: id, client_secret: secret } = JSON.parse(firstRun) as Record<string, string>
  const body = 'grant_type=client_credentials'
  const lines = [
    'POST /token HTTP/1.1',
    'host: 127.0.0.1',
    `authorization: Basic ${btoa(`${id}:${secret}`)}`,
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${body.length}`,
  ]
  return `${lines.join('\r\n')}\r\n\r\n${body}`
}

describe('countersign serve, its memory', () => {
  it('keeps the space for new objects small under load, which V8 would make several times as large', async () => {
    using folder = temporaryFolder()
    const metrics = await freePort()
    const argv = ['serve', '--db', folder.file('a.db'), '--json', '--port', '0']
    await using serving = await startProcess([...argv, '--metrics-port', String(metrics)])
    const { listening = '' } = JSON.parse(serving.ready) as Record<string, string>
    const sizes: number[] = []
    const metricsText = async (): Promise<string> =>
      (await fetch(`http://127.0.0.1:${metrics}/`)).text()
    const look = async (): Promise<void> => {
      const space = /^nodejs_heap_space_size_physical_bytes\{space="new"\} (\d+)$/m
      sizes.push(Number(space.exec(await metricsText())?.[1]))
    }
    await look()
    const request = tokenRequest(serving.lines.find((one) => one.includes('first_run')) ?? '')
    expect(await flood(listening, request, look)).toBe(TOKENS)
    expect(await metricsText()).toContain(`format="jwt"} ${TOKENS}\n`)
    // It starts with 4 MB and comes to 17 under a thousand requests at once; free to grow, to 110.
    expect(Math.max(...sizes)).toBeLessThan(32_000_000)
    expect(sizes).toHaveLength(11)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
    expect(await serving.end('SIGTERM')).toBe(0)
  }, 60_000)
})
