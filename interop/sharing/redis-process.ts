import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { createClient } from 'redis'
import { freePort } from '../../packages/cli/test/free-port.ts'

/** A real redis-server of a test's own, to be killed and stopped. */
export interface RedisProcess {
  readonly url: string
  /** Starts it; again on the same port, and empty, where it was killed. */
  start(): Promise<void>
  /** Ends it by SIGKILL. */
  kill(): Promise<void>
  /** Takes its time away: it accepts connections and answers nothing. */
  freeze(): void
}

/** Whether there is a redis-server on this machine. */
export function hasRedisServer(): boolean {
  return spawnSync('redis-server', ['--version']).status === 0
}

/** A redis-server on a free port, not started yet. */
export async function redisProcess(): Promise<RedisProcess> {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  let running: ChildProcess | undefined
  return {
    url,
    async start() {
      const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', tmpdir()]
      const silence = ['--save', '', '--appendonly', 'no']
      running = spawn('redis-server', [...options, ...silence], { stdio: 'ignore' })
      await untilAnswering(url)
    },
    async kill() {
      if (running === undefined || running.exitCode !== null) return
      const exit = once(running, 'exit')
      running.kill('SIGKILL')
      await exit
      running = undefined
    },
    freeze() {
      running?.kill('SIGSTOP')
    },
  }
}

async function untilAnswering(url: string): Promise<void> {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } })
  client.on('error', () => {})
  await client.connect()
  await client.ping()
  client.destroy()
}
