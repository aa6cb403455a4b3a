/**
 * Everything outside that a command touches, files and sockets apart: so that a test can stand in
 * for the terminal.
 */
export interface Io {
  /** Takes results: text, or the bytes of an API's answer. */
  readonly stdout: (chunk: string | Uint8Array) => void
  /** Takes errors, cures and the lines of running servers. */
  readonly stderr: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Everything on standard input, read once it has ended. */
  readonly readStdin: () => Promise<Uint8Array>
  /** Ends commands that run until they are stopped; they end well. */
  readonly signal?: AbortSignal
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch
  /** The clock, epoch milliseconds. Default `Date.now`. */
  readonly now?: () => number
  /** A line that makes `countersign` a command in a shell, where it is none: see `calledAs`. */
  readonly shellLine?: string
  /** Whether standard output is a terminal. */
  readonly isTTY: boolean
}
