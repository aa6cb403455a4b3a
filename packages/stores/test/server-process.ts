import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** An authorization server in a process of its own. */
export interface ServerProcess {
  readonly origin: string
  /** Ends the process by SIGKILL: it gets to do nothing more. */
  kill(): Promise<void>
}

/** Starts a server on a SQLite file in a process of its own, and waits until it is ready. */
export async function startServerProcess(path: string, masterKeys: string): Promise<ServerProcess> {
  const file = fileURLToPath(new URL('token-server.child.ts', import.meta.url))
  const child = fork(file, [path, masterKeys], {
    execArgv: ['-C', '@countersign/source', '--disable-warning=ExperimentalWarning'],
  })
  const origin = await firstMessage(child)
  return {
    origin,
    async kill() {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}

function firstMessage(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as string))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
}
