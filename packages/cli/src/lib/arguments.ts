import { nearestName } from '@countersign/protocol'
import type { Command, OptionDefinition } from './command.ts'
import { usageFailure, type CommandFailure } from './errors/command-failure.ts'

/** The arguments of one call. Reading an option that the command does not define is a fault. */
export interface Arguments {
  /** What stands on the line without being an option. */
  readonly operands: readonly string[]
  /** Whether a switch was given. */
  flag(name: string): boolean
  /** The value of an option that does not repeat; the last one counts. */
  text(name: string): string | undefined
  /** Every value of an option that may repeat, in order. */
  list(name: string): readonly string[]
}

/**
 * Reads the arguments of a command.
 *
 * Throws: `CommandFailure` (usage) for an unknown option, a value too many or missing, and for a
 * secret on the command line, where every user of the machine and the shell's history would see it.
 * No value is ever part of the message.
 */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const { options } = command
  // An import of node:util brings worker threads along: 3 MB of a server, and 2 ms of every command.
  const { tokens } = process.getBuiltinModule('node:util').parseArgs({
    args: argv.map((one) => (KEY_ID.test(one) ? MARK + one : one)),
    options: Object.fromEntries(Object.entries(options).map(toParseOption)),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given = new Map<string, string[]>()
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(withoutMark(token.value))
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (option === undefined) throw unknownOption(command, token.name, token.rawName)
    const values = given.get(token.name) ?? []
    given.set(token.name, values)
    if (option.value === undefined) {
      if (token.value !== undefined) {
        throw usageFailure(
          `${token.rawName} takes no value`,
          `Leave the value out: ${token.rawName}`,
        )
      }
      continue
    }
    // A value that looks like an option is more often a value that was forgotten.
    const forgotten = !token.inlineValue && /^-./.test(token.value ?? '')
    if (token.value === undefined || token.value === '' || forgotten) {
      throw usageFailure(
        `${token.rawName} needs a value`,
        `Write it as --${token.name}=${option.value}`,
      )
    }
    values.push(withoutMark(token.value))
  }
  assertOperandCount(command, operands)
  return {
    operands,
    flag: (name) => given.has(name),
    text: (name) => given.get(name)?.at(-1),
    list: (name) => given.get(name) ?? [],
  }
}

/**
 * The identifier of a key, where it begins with a dash as one in 64 does: nobody who pastes it should have to
 * know of `--`. A mark keeps it from being read as options.
 */
const KEY_ID = /^-[\w-]{42}$/
const MARK = '\0'

function withoutMark(text: string): string {
  return text.startsWith(MARK) ? text.slice(MARK.length) : text
}

function toParseOption([name, { value, short }]: [string, OptionDefinition]): [
  string,
  { type: 'string' | 'boolean'; short?: string },
] {
  const type = value === undefined ? 'boolean' : 'string'
  return [name, { type, ...(short !== undefined && { short }) }]
}

/** Names that people try for secrets. */
const SECRET_OPTIONS: readonly string[] = [
  'access-token',
  'client-secret',
  'master-key',
  'master-keys',
  'password',
  'secret',
  'token',
  'user',
]

function unknownOption({ name, options }: Command, option: string, raw: string): CommandFailure {
  if (SECRET_OPTIONS.includes(option) || raw === '-u') {
    return usageFailure(
      `${raw}: secrets never come from the command line`,
      option.startsWith('master')
        ? 'Put the master keys into COUNTERSIGN_MASTER_KEYS or into a file: --master-key-file PATH'
        : 'Put the secret into COUNTERSIGN_CLIENT_SECRET, or into a file: --secret-file PATH',
    )
  }
  const nearest = nearestName(option, Object.keys(options))
  return usageFailure(
    `unknown option ${raw}`,
    nearest === undefined ? `See what there is: countersign help ${name}` : `Use --${nearest}`,
  )
}

function assertOperandCount(
  { name, usage, operands: [least, most] }: Command,
  operands: readonly string[],
): void {
  if (operands.length >= least && operands.length <= most) return
  const cure = `Write it as: countersign ${name} ${usage}`
  if (operands.length > most) throw usageFailure(`${name} was given an argument too many`, cure)
  throw usageFailure(`${name} was given an argument too few`, cure)
}
