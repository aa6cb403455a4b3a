/** What `calledAs` looks at: `process` has all of it. */
export interface Invocation {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly execPath: string
  readonly execArgv: readonly string[]
  readonly argv: readonly string[]
}

/**
 * A line for a shell that makes `countersign` a command there, where it was started by npm and is
 * on no path: `npx`, or `npm run countersign` in the repository. `undefined` where it needs none.
 *
 * Under `npm run` the line names this very program, so that it works in every folder and prints
 * nothing of npm's own into `$(countersign token)`.
 */
export function calledAs({ env, execPath, execArgv, argv }: Invocation): string | undefined {
  const { npm_lifecycle_event: script } = env
  if (script === 'npx') return shellFunction(['npx', '@countersign/cli'])
  if (script === 'countersign') return shellFunction([execPath, ...execArgv, argv[1] ?? ''])
  return undefined
}

function shellFunction(words: readonly string[]): string {
  return `countersign() { ${words.map(quoted).join(' ')} "$@"; }`
}

function quoted(word: string): string {
  return /^[\w@./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
