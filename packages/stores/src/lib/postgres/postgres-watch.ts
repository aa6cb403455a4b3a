import { within } from '../within.ts'
import type { PostgresPool } from './postgres-pool.ts'

/** Tells of changes that any server made. */
export interface PostgresWatch {
  /** As `RegistryStore.watch`. */
  watch(listener: () => void): () => void
  close(): void
}

/** A connection outside the pool. */
interface ListeningClient {
  connect(): Promise<unknown>
  query(text: string): Promise<unknown>
  end(): Promise<void>
  unref?(): void
  on(event: 'error' | 'end' | 'notification', listener: () => void): unknown
}

type ListeningClientConstructor = new (options: object) => ListeningClient

const ANSWER_DEADLINE = 5000
const HEARTBEAT = 30_000
const LONGEST_PAUSE = 5000

/**
 * Listens on `channel` by a connection of its own, made as the pool makes its own: one out of the pool
 * would be missing there for good. There is none while nobody watches.
 *
 * A connection that breaks is made again, after pauses that grow. Listeners are told each time it
 * stands: what changed in between was not heard. `undefined` for a pool that does not show how it makes
 * its connections.
 */
export function postgresWatch(pool: PostgresPool, channel: string): PostgresWatch | undefined {
  const Client = clientOf(pool)
  if (Client === undefined) return undefined
  const makeClient = Client
  const listeners = new Set<() => void>()
  let current: ListeningClient | undefined
  let timer: NodeJS.Timeout | undefined
  let failures = 0

  function tell(): void {
    for (const listener of listeners) listener()
  }

  async function connect(): Promise<void> {
    const client = new makeClient(pool.options)
    current = client
    const onLoss = (): void => lose(client)
    client.on('error', onLoss)
    client.on('end', onLoss)
    client.on('notification', tell)
    try {
      await within(client.connect(), ANSWER_DEADLINE)
      client.unref?.()
      await within(client.query(`listen ${channel}`), ANSWER_DEADLINE)
    } catch {
      return lose(client)
    }
    if (current !== client) return
    failures = 0
    tell()
    beatLater(client)
  }

  /** A connection whose other end is gone without a word is found out. */
  function beatLater(client: ListeningClient): void {
    timer = setTimeout(() => {
      within(client.query('select 1'), ANSWER_DEADLINE).then(
        () => {
          if (current === client) beatLater(client)
        },
        () => lose(client),
      )
    }, HEARTBEAT)
    timer.unref()
  }

  function lose(client: ListeningClient): void {
    if (current !== client) return
    leave()
    const pause = Math.min(LONGEST_PAUSE, 50 * 2 ** failures++) * (0.5 + Math.random() / 2)
    timer = setTimeout(() => void connect(), pause)
    timer.unref()
  }

  function leave(): void {
    clearTimeout(timer)
    const client = current
    current = undefined
    client?.end().catch(() => {})
  }

  return {
    watch(listener) {
      // Its own even where one function watches twice.
      const own = (): void => listener()
      listeners.add(own)
      if (listeners.size === 1) void connect()
      return () => {
        if (listeners.delete(own) && listeners.size === 0) leave()
      }
    },
    close() {
      listeners.clear()
      leave()
    },
  }
}

function clientOf(pool: PostgresPool): ListeningClientConstructor | undefined {
  const { Client } = pool as { readonly Client?: unknown }
  return typeof Client === 'function' ? (Client as ListeningClientConstructor) : undefined
}
