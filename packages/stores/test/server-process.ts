import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** An authorization server in a process of its own. */
export interface ServerProcess {
  readonly origin: string
  /** Has it make a change. Gives `ok`, or what came instead; rejects where it ends before. */
  change(change: Change): Promise<string>
  /** Ends the process by SIGKILL: it gets to do nothing more. */
  kill(): Promise<void>
}

/**
 * Something that a server process writes: a client created or disabled through an administration of its
 * own, an opaque token put under `name`, a key `name` reserved.
 */
export interface Change {
  readonly action: 'create' | 'disable' | 'put' | 'reserve'
  readonly name: string
}

/** Where a server process keeps its things, and how often it looks for changes there. */
export interface ServerProcessOptions {
  /** A SQLite file, or a `postgres://` URL. */
  readonly place: string
  readonly masterKeys: string
  /** Milliseconds, default 20. */
  readonly followInterval?: number
}

/** Starts a server in a process of its own, and waits until it is ready. */
export async function startServerProcess({
  place,
  masterKeys,
  followInterval = 20,
}: ServerProcessOptions): Promise<ServerProcess> {
  const file = fileURLToPath(new URL('token-server.child.ts', import.meta.url))
  const child = fork(file, [place, masterKeys, String(followInterval)], {
    execArgv: ['-C', '@countersign/source', '--disable-warning=ExperimentalWarning'],
  })
  const waiting = new Map<number, PromiseWithResolvers<string>>()
  let changes = 0
  const origin = await originOf(child)
  child.on('message', ({ id, outcome }: { readonly id: number; readonly outcome: string }) => {
    waiting.get(id)?.resolve(outcome)
    waiting.delete(id)
  })
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the server ended'))
  })
  return {
    origin,
    change(change) {
      const outcome = Promise.withResolvers<string>()
      const id = ++changes
      waiting.set(id, outcome)
      child.send({ id, ...change }, (error) => {
        if (error !== null) outcome.reject(error)
      })
      return outcome.promise
    },
    async kill() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

function originOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as string))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}
