import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const PYTHON = '/usr/bin/python3'

/** A server of this folder, written in Python, as a process of its own. */
export interface PythonServer extends AsyncDisposable {
  readonly origin: string
}

/** Whether Debian's Python has these modules. Says so out loud where it has not. */
export function hasPython(modules: readonly string[], packages: string): boolean {
  const { status } = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`])
  if (status !== 0) console.log(`skipped: no ${packages}`)
  return status === 0
}

/** Starts `interop/servers/<script>`; it ends with this process. */
export async function startPythonServer(
  script: string,
  { args = [], secret }: { readonly args?: readonly string[]; readonly secret: string },
): Promise<PythonServer> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(PYTHON, [path, ...args], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: { ...process.env, CLIENT_SECRET: secret },
  })
  const exited = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })
  const [line] = (await Promise.race([
    once(lines, 'line'),
    exited.then(() => Promise.reject(new Error(`${script} did not start`))),
  ])) as [string]
  const { port } = JSON.parse(line) as { port: number }
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await exited
    },
  }
}
