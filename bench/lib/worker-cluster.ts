import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { announce, type Ready } from './child-server.ts'

/** Runs a script of `bench/servers` in two workers that share a port, and announces them as one server. */
export async function announceWorkers(
  script: string,
  {
    env = {},
    requests,
  }: {
    readonly env?: Readonly<Record<string, string>>
    /** In place of what the workers say. */
    readonly requests?: readonly string[]
  } = {},
): Promise<void> {
  const exec = fileURLToPath(new URL(`../servers/${script}`, import.meta.url))
  cluster.setupPrimary({ exec, args: process.argv.slice(2) })
  const workers: Worker[] = [cluster.fork(env), cluster.fork(env)]
  const [first] = await Promise.all(
    workers.map(async (worker) => ((await once(worker, 'message')) as [Ready])[0]),
  )
  if (first === undefined) throw new Error('no worker is ready')
  announce({ ...first, ...(requests && { requests }) })
}
