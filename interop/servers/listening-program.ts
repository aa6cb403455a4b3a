import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile, chmod } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../packages/cli/test/free-port.ts'

/** A program that listens on a loopback port, with its files in a folder that goes with it. */
export interface ListeningProgram extends AsyncDisposable {
  readonly port: number
}

/** Which program, and what it reads. */
export interface ListeningProgramOptions {
  readonly program: string
  readonly args: (folder: string) => readonly string[]
  /** Files by their names in the folder, made once the port is known. */
  readonly files: (folder: string, port: number) => Readonly<Record<string, string>>
  /** Where in the folder it writes why it did not start. Default: its standard error. */
  readonly errorLog?: string
}

/** Starts a program in the foreground and waits until it listens. */
export async function startListeningProgram({
  program,
  args,
  files,
  errorLog,
}: ListeningProgramOptions): Promise<ListeningProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'program-'))
  // Some give up the rights of root for those of a user that has none.
  await chmod(folder, 0o755)
  const port = await freePort()
  for (const [name, text] of Object.entries(files(folder, port))) {
    await writeFile(join(folder, name), text)
  }
  const child = spawn(program, args(folder), { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (part: Buffer) => (said += part.toString()))
  const exit = once(child, 'exit')
  try {
    await Promise.race([
      accepts(port),
      exit.then(async () => {
        const log = errorLog === undefined ? '' : await readFile(join(folder, errorLog), 'utf8')
        throw new Error(`${program} ended: ${log}${said}`)
      }),
    ])
  } catch (error) {
    child.kill()
    throw error
  }
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill()
      await exit
      await rm(folder, { recursive: true })
    },
  }
}

/** Resolves once somebody listens there. */
async function accepts(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await sleep(25)
    } finally {
      socket.destroy()
    }
  }
  throw new Error('the program does not listen')
}
