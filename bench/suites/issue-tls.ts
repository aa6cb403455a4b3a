import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { startChildServer, type ChildServer } from '../lib/child-server.ts'
import { atMost } from '../lib/goals.ts'
import type { Suite } from '../lib/report.ts'
import { summarize } from '../lib/rounds.ts'

const TITLE = 'A token issued: a new TLS connection for each'
const AT_ONCE = 8

/** What a token costs a server whose callers open a connection for each: the handshake, mostly. */
export const issueTls: Suite = {
  name: 'issue-tls',
  async run(quick) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-tls-'))
    try {
      const file = join(folder, 'server.pem')
      if (!(await makeCertificate(folder, file))) {
        return [{ title: TITLE, conditions: 'skipped: no openssl', measurements: [] }]
      }
      const env = { BENCH_TLS: file }
      await using floor = await startChildServer('floor-issuer.ts', { env, pin: true })
      await using ours = await startChildServer('our-issuer.ts', { env, pin: true })
      const contestants = [
        { name: 'bare node:https', role: 'floor', server: floor },
        { name: '@countersign/server on node:https', role: 'ours', server: ours },
      ] as const
      const cpu = contestants.map((): number[] => [])
      const times = quick ? 80 : 1500
      for (let round = 0; round <= (quick ? 2 : 9); round++) {
        for (const [index, { server }] of contestants.entries()) {
          const before = (await server.usage()).cpuMicroseconds
          await Promise.all(Array.from({ length: AT_ONCE }, () => ask(server, times / AT_ONCE)))
          const used = (await server.usage()).cpuMicroseconds - before
          if (round > 0) cpu[index]?.push((used * 1000) / times)
        }
      }
      const measurements = summarize(contestants, cpu)
      return [
        {
          title: TITLE,
          conditions: `CPU of the server; TLS 1.3, P-256, whole handshakes, ES256 tokens, ${AT_ONCE} at once from this process, which is not pinned`,
          measurements,
          goals: [atMost("CPU over the floor's", measurements[1]?.ratio ?? NaN, 1.15)],
        },
      ]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

async function makeCertificate(folder: string, file: string): Promise<boolean> {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const options = 'req -x509 -days 1 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=b'
  try {
    await promisify(execFile)('openssl', [
      ...options.split(' '),
      '-keyout',
      key,
      '-out',
      certificate,
    ])
  } catch {
    return false
  }
  await writeFile(file, [await readFile(key), await readFile(certificate)])
  return true
}

/** Asks for tokens one after the other, each on a connection of its own. */
async function ask({ ready }: ChildServer, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    const answer = await new Promise<string>((resolve, reject) => {
      // The certificate is of this run and for nobody: what is measured is the handshake.
      const socket = connect({ port: ready.port, host: '127.0.0.1', rejectUnauthorized: false })
      socket.setEncoding('latin1')
      socket.on('secureConnect', () => socket.write(ready.requests?.[0] ?? ''))
      socket.on('error', reject)
      socket.on('data', (text: string) => {
        socket.destroy()
        resolve(text)
      })
    })
    if (!answer.startsWith('HTTP/1.1 200')) throw new Error(`an answer was not 200: ${answer}`)
  }
}
