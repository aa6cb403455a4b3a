import { spawn, spawnSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { redisTokenStore } from '@countersign/stores/token-redis'
import { createClient } from 'redis'
import type { Suite } from '../lib/report.ts'
import { measureRounds, type Contestant } from '../lib/rounds.ts'

const TITLE = 'A shared token looked up in Redis'

/** One look into a shared store, beside the official client's bare GET. */
export const sharedStore: Suite = {
  name: 'shared-store',
  async run(quick) {
    if (spawnSync('redis-server', ['--version']).status !== 0) {
      return [{ title: TITLE, conditions: 'skipped: no redis-server', measurements: [] }]
    }
    const port = await freePort()
    const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    const server = spawn('redis-server', options, { stdio: 'ignore' })
    const client = createClient({
      url: `redis://127.0.0.1:${port}`,
      socket: { reconnectStrategy: 20 },
    })
    client.on('error', () => {})
    try {
      await client.connect()
      const store = redisTokenStore({ client, prefix: 'bench:' })
      const value = 'x'.repeat(700)
      const expiresAt = Date.now() + 3_600_000
      await store.replaceIfNewer('token', { value, expiresAt, ttl: 3_600_000 })
      await client.set('bare', value)
      const contestants: Contestant[] = [
        one('client.get', 'floor', () => client.get('bare')),
        one('redisTokenStore(…).get', 'ours', () => store.get('token')),
      ]
      return [
        {
          title: TITLE,
          conditions:
            'redis-server on loopback, 700 bytes, one at a time; once per token and process',
          measurements: await measureRounds(contestants, {
            rounds: quick ? 7 : 15,
            times: quick ? 1000 : 3000,
          }),
        },
      ]
    } finally {
      client.destroy()
      server.kill()
    }
  },
}

function one(name: string, role: Contestant['role'], get: () => Promise<unknown>): Contestant {
  return {
    name,
    role,
    async run(times) {
      for (let i = 0; i < times; i++) {
        if (!(await get())) throw new Error('nothing was found')
      }
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
