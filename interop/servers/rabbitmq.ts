import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Debian puts its programs. */
export const RABBITMQ = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** A RabbitMQ of its own, on a loopback port, that lets in by access token only. */
export interface RunningRabbitmq extends AsyncDisposable {
  readonly port: number
}

/** What its tokens must be. */
export interface RabbitmqOptions {
  /** The audience, and what scopes begin with: `<resource>.read:<vhost>/<name>`. */
  readonly resource: string
  /** The issuer's public keys as PEM, by key identifier. */
  readonly keys: Readonly<Record<string, string>>
}

/** Starts RabbitMQ in a folder that goes with it, all its ports on loopback addresses. */
export async function startRabbitmq({ resource, keys }: RabbitmqOptions): Promise<RunningRabbitmq> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-rabbitmq-'))
  const [port, distribution, mapper] = await freePorts()
  const settings = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'auth_backends.1 = rabbit_auth_backend_oauth2',
    `auth_oauth2.resource_server_id = ${resource}`,
  ]
  for (const [kid, pem] of Object.entries(keys)) {
    await writeFile(join(folder, `${kid}.pem`), pem)
    settings.push(`auth_oauth2.signing_keys.${kid} = ${join(folder, `${kid}.pem`)}`)
  }
  await writeFile(join(folder, 'rabbitmq.conf'), settings.join('\n'))
  await writeFile(join(folder, 'enabled_plugins'), '[rabbitmq_auth_backend_oauth2].\n')

  // Erlang would leave a mapper of its own behind.
  const names = spawn('/usr/bin/epmd', ['-port', String(mapper), '-address', '127.0.0.1'], {
    stdio: 'ignore',
  })
  const broker = spawn(RABBITMQ, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      LANG: 'C.UTF-8',
      ERL_EPMD_PORT: String(mapper),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_PID_FILE: join(folder, 'pid'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_NODENAME: `countersign-${port}@localhost`,
      RABBITMQ_DIST_PORT: String(distribution),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
      // The broker itself is the child then, and not a shell around it.
      RUNNING_UNDER_SYSTEMD: 'true',
    },
  })
  const dispose = async (): Promise<void> => {
    await Promise.all([broker, names].map(ended))
    await rm(folder, { recursive: true })
  }
  try {
    await started(broker)
  } catch (error) {
    await dispose()
    throw error
  }
  return { port, [Symbol.asyncDispose]: dispose }
}

async function started(broker: ChildProcess): Promise<void> {
  let log = ''
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Read for as long as it runs: a pipe that nobody reads would hold it.
  broker.stdout?.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-4000)
    if (log.includes('Server startup complete')) resolve()
  })
  broker.on('exit', () => reject(new Error(`RabbitMQ did not start:\n${log}`)))
  await promise
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

async function freePorts(): Promise<readonly [number, number, number]> {
  const listeners = await Promise.all(
    Array.from({ length: 3 }, async () => {
      const listener = createServer()
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
      return listener
    }),
  )
  const ports = listeners.map((one) => (one.address() as { port: number }).port)
  await Promise.all(listeners.map((one) => new Promise((resolve) => one.close(resolve))))
  return ports as unknown as readonly [number, number, number]
}
