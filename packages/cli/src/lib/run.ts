import { readFile } from 'node:fs/promises'
import { nearestName } from '@countersign/protocol'
import { parseArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { COMMANDS } from './command-list.ts'
import { usageFailure, type CommandFailure } from './errors/command-failure.ts'
import { EXIT_CODES } from './errors/exit-codes.ts'
import { explainFailure } from './errors/explain-failure.ts'
import { commandHelp, generalHelp, groupHelp } from './help.ts'
import type { Io } from './io.ts'
import type { PlannedChange } from './registry/planned-changes.ts'
import { printable } from './text/printable.ts'

/**
 * Runs the command line `argv`, the program's own name left out, and gives the exit code.
 *
 * Never rejects: every failure is printed as `error:` and `cure:` on `io.stderr`, or as one JSON
 * object where `--json` was given. Touches nothing outside `io` but files and sockets.
 */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io)
  } catch (error) {
    const failure = await explainFailure(error, findCommand(argv)?.options)
    io.stderr(report(failure, optionsOf(argv).includes('--json')))
    if (io.env['COUNTERSIGN_DEBUG'] === '1') io.stderr(`${debugText(failure)}\n`)
    return EXIT_CODES[failure.exit].code
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv
  if (first === '--version') return print(io, `${await version()}\n`)
  if (first === undefined || first === '--help' || first === '-h') return print(io, generalHelp())
  if (first === 'help') return print(io, rest.length === 0 ? generalHelp() : helpFor(rest))
  if (first.startsWith('-')) {
    throw usageFailure('the command comes before its options', 'See: countersign --help')
  }
  const asksForHelp = optionsOf(argv).some((one) => one === '--help' || one === '-h')
  if (asksForHelp) return print(io, helpFor(argv.filter((one) => !one.startsWith('-'))))
  const command = findCommand(argv)
  if (command === undefined) throw unknownCommand(argv)
  const given = parseArguments(command, argv.slice(command.name.split(' ').length))
  const call = { arguments: given, io, now: io.now ?? Date.now, json: given.flag('json') }
  if (!given.flag('dry-run')) return command.run({ ...call, planned: undefined })
  const { plannedText } = await import('./registry/planned-changes.ts')
  const planned: PlannedChange[] = []
  // What a command says of its work would not be true.
  const code = await command.run({ ...call, io: { ...io, stdout: () => {} }, planned })
  io.stdout(plannedText(planned, call.json))
  return code
}

function print(io: Io, text: string): number {
  io.stdout(text)
  return EXIT_CODES.ok.code
}

function findCommand(words: readonly string[]): Command | undefined {
  return COMMANDS.find(({ name }) => name.split(' ').every((word, at) => words[at] === word))
}

function helpFor(words: readonly string[]): string {
  const command = findCommand(words)
  if (command !== undefined) return commandHelp(command)
  const [group = ''] = words
  if (isGroup(group) && words.length === 1) return groupHelp(group)
  throw unknownCommand(words)
}

function isGroup(word: string): boolean {
  return COMMANDS.some(({ name }) => name.startsWith(`${word} `))
}

function unknownCommand(words: readonly string[]): CommandFailure {
  const [first = '', second] = words
  const names = COMMANDS.map(({ name }) => name)
  if (isGroup(first)) {
    const members = names.filter((name) => name.startsWith(`${first} `))
    const nearest = second === undefined ? undefined : nearestName(`${first} ${second}`, members)
    return usageFailure(
      second === undefined ? `${first} needs a command` : `${first} has no such command`,
      nearest === undefined
        ? `Use one of: ${members.join(', ')}`
        : `Did you mean: countersign ${nearest}`,
    )
  }
  const nearest = nearestName(first, [...names, ...names.map((name) => name.split(' ', 1).join())])
  return usageFailure(
    // Short words only: a secret pasted in the wrong place must not be printed again.
    /^[a-z-]{1,20}$/.test(first) ? `there is no command ${first}` : 'there is no such command',
    nearest === undefined ? 'See: countersign --help' : `Did you mean: countersign ${nearest}`,
  )
}

/** The arguments up to `--`, after which nothing is an option. */
function optionsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--')
  return end === -1 ? argv : argv.slice(0, end)
}

function report({ message, code, cure }: CommandFailure, json: boolean): string {
  if (json) return `${JSON.stringify({ error: { code, message, cure } })}\n`
  return `error: ${printable(message)}\ncure: ${printable(cure)}\n`
}

function debugText(failure: CommandFailure): string {
  const texts: string[] = []
  for (let error: unknown = failure; error instanceof Error; error = error.cause) {
    texts.push(error.stack ?? String(error))
  }
  return texts.join('\ncaused by ')
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
