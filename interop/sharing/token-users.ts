import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What came of the calls of one process. */
export interface TokenUse {
  readonly calls: number
  readonly failed: number
  /** Events `store.failed`. */
  readonly storeFailures: number
  readonly values: readonly string[]
}

/** Processes that use tokens of one client. */
export interface TokenUsers extends AsyncDisposable {
  /** Each calls once, all at the same moment. */
  callOnce(): Promise<TokenUse[]>
  /** Each calls again and again; the function given back stops them. */
  run(): () => Promise<TokenUse[]>
}

/** Starts `count` processes and waits until all are ready to call. */
export async function startTokenUsers(
  count: number,
  options: {
    readonly tokenEndpoint: string
    /** The URL of a Redis, or a folder. */
    readonly place: string
    readonly storeKey: string
  },
): Promise<TokenUsers> {
  const file = fileURLToPath(new URL('token-user.child.ts', import.meta.url))
  const { tokenEndpoint, place, storeKey } = options
  const children = Array.from({ length: count }, () =>
    fork(file, [tokenEndpoint, place, storeKey], { execArgv: ['-C', '@countersign/source'] }),
  )
  await Promise.all(children.map(nextMessage))

  async function tell(message: string): Promise<TokenUse[]> {
    const results = children.map(nextMessage)
    for (const child of children) child.send(message)
    return (await Promise.all(results)) as TokenUse[]
  }

  return {
    callOnce: () => tell('once'),
    run() {
      for (const child of children) child.send('run')
      return () => tell('stop')
    },
    async [Symbol.asyncDispose]() {
      const exits = children.map((child) => once(child, 'exit'))
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(exits)
    },
  }
}

function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)))
  })
}
