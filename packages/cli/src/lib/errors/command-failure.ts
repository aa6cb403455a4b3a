import type { ExitName } from './exit-codes.ts'

/**
 * A command could not do what it was asked. One line of what, one line of the cure.
 *
 * Neither holds a secret or a token.
 */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly exit: ExitName
  /** What `--json` gives as `error.code`. */
  readonly code: string
  readonly cure: string

  constructor(exit: ExitName, message: string, { cure, code = exit, cause }: FailureDetails) {
    super(message, cause === undefined ? undefined : { cause })
    this.exit = exit
    this.code = code
    this.cure = cure
  }
}

/** What goes with the message of a {@link CommandFailure}. */
export interface FailureDetails {
  readonly cure: string
  /** Default: the name of the exit code. */
  readonly code?: string
  /** Shown with its stack where `COUNTERSIGN_DEBUG` is 1, and nowhere else. */
  readonly cause?: unknown
}

/** The command line cannot be used as it is. */
export function usageFailure(message: string, cure: string): CommandFailure {
  return new CommandFailure('usage', message, { cure })
}
