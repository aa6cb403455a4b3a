/** One way in which a command ends. */
export interface ExitCode {
  /** The process's exit code. */
  readonly code: number
  readonly meaning: string
  /** What to do about it, in general; the command prints the cure of the case. */
  readonly cure: string
}

/** How a command ended. Stable: each has one exit code, which never changes. */
export type ExitName =
  | 'ok'
  | 'fault'
  | 'usage'
  | 'refused'
  | 'unreachable'
  | 'peer'
  | 'api'
  | 'registry'
  | 'configuration'
  | 'unhealthy'

/** Every exit code of the command, by name. Scripts may rely on the numbers. */
export const EXIT_CODES: Readonly<Record<ExitName, ExitCode>> = Object.freeze({
  ok: exitCode(0, 'Done.', 'None is needed.'),
  fault: exitCode(
    1,
    'A fault that nobody foresaw.',
    'Run it again with `COUNTERSIGN_DEBUG=1` and report what it prints.',
  ),
  usage: exitCode(
    2,
    'The command line cannot be understood, or a value in it cannot be used.',
    'Read `countersign help COMMAND`.',
  ),
  refused: exitCode(
    3,
    'The authorization server refused to give a token.',
    'Check identifier, secret, scope and resource; the server says which in its log.',
  ),
  unreachable: exitCode(
    4,
    'A server could not be reached, was too slow, or is down for the moment.',
    'Check that it runs and that the address is right; then try again.',
  ),
  peer: exitCode(
    5,
    'A server answered in a way that the protocol does not allow.',
    'Check that the address is the right one.',
  ),
  api: exitCode(
    6,
    'The API answered the call with a failure, or redirected it where no token may go.',
    'Read the answer and the reason printed with it.',
  ),
  registry: exitCode(
    7,
    'The registry does not allow the change: something is unknown, exists, or was changed by others.',
    'List what there is: `countersign client list`, `countersign resource list`.',
  ),
  configuration: exitCode(
    8,
    'A file, a port or a setting of the environment cannot be used.',
    'Check path, permissions and variables; the message names the one.',
  ),
  unhealthy: exitCode(
    9,
    '`countersign doctor` found a problem.',
    'Do what it says under the problem.',
  ),
})

function exitCode(code: number, meaning: string, cure: string): ExitCode {
  return Object.freeze({ code, meaning, cure })
}
