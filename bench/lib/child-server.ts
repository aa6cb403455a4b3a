import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own, so that its CPU time can be told from the load's. */
export interface ChildServer extends AsyncDisposable {
  /** What the server said when it was ready. */
  readonly ready: { readonly port: number; readonly [member: string]: unknown }
  /** CPU time it has used so far, in microseconds. */
  cpuMicroseconds(): Promise<number>
}

/** Starts a script of `bench/servers`; it must call {@link announce}. */
export async function startChildServer(script: string): Promise<ChildServer> {
  const path = fileURLToPath(new URL(`../servers/${script}`, import.meta.url))
  const child = fork(path, { execArgv: ['--conditions=@countersign/source'] })
  const [ready] = (await once(child, 'message')) as [ChildServer['ready']]
  return {
    ready,
    async cpuMicroseconds() {
      child.send('cpu')
      const [used] = (await once(child, 'message')) as [NodeJS.CpuUsage]
      return used.user + used.system
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

/** Called by a child server: says that it listens, and answers what the parent asks. */
export function announce(ready: ChildServer['ready']): void {
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}
