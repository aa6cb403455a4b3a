import { run, type Io } from '../src/index.ts'

/** What a command printed, and how it ended. */
export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** What stands in for the terminal; everything has a default. */
export type Surroundings = Partial<Pick<Io, 'env' | 'fetch' | 'now' | 'isTTY' | 'signal'>> & {
  readonly stdin?: string
}

/** Runs a command in this process, to its end. */
export async function runCommand(
  argv: readonly string[],
  surroundings: Surroundings = {},
): Promise<Outcome> {
  const printed = recorder()
  const code = await run(argv, printed.io(surroundings))
  return { code, ...printed.text() }
}

/** A command that runs until it is stopped, in this process. */
export interface RunningCommand extends AsyncDisposable {
  /** The first object with `event: 'ready'` that it printed. */
  readonly ready: Readonly<Record<string, string>>
  /** Everything printed so far. */
  text(): Omit<Outcome, 'code'>
  /** Stops it and gives its exit code. */
  stop(): Promise<number>
}

/** Starts a command with `--json` and waits until it is ready. */
export async function startCommand(
  argv: readonly string[],
  surroundings: Surroundings = {},
): Promise<RunningCommand> {
  const stopping = new AbortController()
  const printed = recorder()
  const isReady = printed.line((line) => line.includes('"event":"ready"'))
  const ended = run([...argv, '--json'], printed.io({ ...surroundings, signal: stopping.signal }))
  const line = await Promise.race([
    isReady,
    ended.then((code) => {
      throw new Error(`ended with ${code}: ${printed.text().stderr}`)
    }),
  ])
  const stop = (): Promise<number> => {
    stopping.abort()
    return ended
  }
  return {
    ready: JSON.parse(line) as Record<string, string>,
    text: printed.text,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

/** The environment that makes a client of what `dev` or the first run of `serve` printed. */
export function clientEnv(printed: Readonly<Record<string, string>>): Record<string, string> {
  return {
    COUNTERSIGN_ISSUER: printed['issuer'] ?? '',
    COUNTERSIGN_CLIENT_ID: printed['client_id'] ?? '',
    COUNTERSIGN_CLIENT_SECRET: printed['client_secret'] ?? '',
  }
}

interface Recorder {
  io(surroundings: Surroundings): Io
  text(): Omit<Outcome, 'code'>
  line(matches: (line: string) => boolean): Promise<string>
}

function recorder(): Recorder {
  const decoder = new TextDecoder()
  let stdout = ''
  let stderr = ''
  let look = (): void => {}
  return {
    io: ({ stdin = '', env = {}, isTTY = false, ...rest }) => ({
      stdout(chunk) {
        stdout += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
        look()
      },
      stderr(text) {
        stderr += text
      },
      env,
      isTTY,
      readStdin: async () => new TextEncoder().encode(stdin),
      ...rest,
    }),
    text: () => ({ stdout, stderr }),
    line: (matches) =>
      new Promise((resolve) => {
        look = () => {
          const line = stdout.split('\n').slice(0, -1).find(matches)
          if (line !== undefined) resolve(line)
        }
      }),
  }
}
