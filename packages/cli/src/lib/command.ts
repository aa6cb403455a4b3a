import type { Arguments } from './arguments.ts'
import type { Io } from './io.ts'
import type { PlannedChange } from './registry/planned-changes.ts'

/** One option of a command: what it is called is its key in {@link Command.options}. */
export interface OptionDefinition {
  /** What its value is called in the help, such as `SECONDS`; a switch has none. */
  readonly value?: string
  /** One letter. */
  readonly short?: string
  /** Whether it may be given several times. */
  readonly repeats?: boolean
  /** What it does, with its unit. */
  readonly help: string
  /** As the help shows it. */
  readonly default?: string
  /** The environment variable that stands in for it. */
  readonly env?: string
}

/** The options of a command by name, without the two dashes. */
export type OptionDefinitions = Readonly<Record<string, OptionDefinition>>

/** One call of a command, its arguments read. */
export interface Call {
  readonly arguments: Arguments
  readonly io: Io
  readonly now: () => number
  /** Whether `--json` was given. */
  readonly json: boolean
  /** With `--dry-run`, takes what would be written; else `undefined`. */
  readonly planned: PlannedChange[] | undefined
}

/** A command: what its help says and what it does. Made with no work at import time. */
export interface Command {
  /** One word, or two for a command of a group. */
  readonly name: string
  /** One sentence on what it is for, no full stop. */
  readonly summary: string
  /** What follows the name on the command line. */
  readonly usage: string
  /** Further sentences for the help, one a line. */
  readonly about: readonly string[]
  /** How many operands it takes, from and to. */
  readonly operands: readonly [least: number, most: number]
  readonly options: OptionDefinitions
  /** True calls, each with what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** Does the work and gives the exit code. What it throws is printed by the caller. */
  run(call: Call): Promise<number>
}

/** The option that every command has. */
export const JSON_OPTION: OptionDefinitions = {
  json: { help: 'Print JSON, errors included' },
}
