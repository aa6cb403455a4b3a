import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** What came of the calls of one process. */
export interface TokenUse {
  readonly calls: number
  readonly failed: number
  /** Events `store.failed`. */
  readonly storeFailures: number
  /** Tokens that came out of the store, by the event `token.shared`. */
  readonly taken: number
  readonly values: readonly string[]
}

/** Processes that use tokens of one client. */
export interface TokenUsers extends AsyncDisposable {
  /** Each calls once, all at the same moment. */
  callOnce(): Promise<TokenUse[]>
  /** Each calls again and again; the function given back stops them. */
  run(): () => Promise<TokenUse[]>
  /** Waits until what has come of the calls so far is as `isReached` says of every process. */
  until(isReached: (use: TokenUse, at: number) => boolean): Promise<TokenUse[]>
}

/** Starts `count` processes and waits until all are ready to call. */
export async function startTokenUsers(
  count: number,
  options: {
    readonly tokenEndpoint: string
    /** The URL of a Redis, or a folder. */
    readonly place: string
    readonly storeKey: string
    /** Milliseconds that the store has to answer. Default: as long as a busy machine needs. */
    readonly timeout?: number
  },
): Promise<TokenUsers> {
  const file = fileURLToPath(new URL('token-user.child.ts', import.meta.url))
  const { tokenEndpoint, place, storeKey, timeout = 20_000 } = options
  const children = Array.from({ length: count }, () =>
    fork(file, [tokenEndpoint, place, storeKey, `${timeout}`], {
      execArgv: ['-C', '@countersign/source'],
    }),
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
    async until(isReached) {
      for (;;) {
        const uses = await tell('report')
        if (uses.every(isReached)) return uses
        await delay(20)
      }
    },
    async [Symbol.asyncDispose]() {
      const exits = children.map((child) => once(child, 'exit'))
      for (const child of children) child.kill('SIGKILL')
      await Promise.all(exits)
    },
  }
}

async function nextMessage(child: ChildProcess): Promise<unknown> {
  const heard = new AbortController()
  const { signal } = heard
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`the process ended with ${code}`)
      }),
    ])
    return message
  } finally {
    heard.abort()
  }
}
