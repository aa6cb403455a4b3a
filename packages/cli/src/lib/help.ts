import type { Command, OptionDefinition } from './command.ts'
import { COMMANDS } from './command-list.ts'
import { EXIT_CODES } from './errors/exit-codes.ts'
import { definitionList } from './text/definition-list.ts'

const SECRETS =
  'Secrets come from the environment or from files, never from the command line, where the shell\n' +
  'keeps them in its history and every user of the machine sees them.\n'

/** What `countersign --help` prints: what it is for, every command, where secrets come from. */
export function generalHelp(): string {
  const commands = COMMANDS.map(({ name, summary }) => [name, summary] as const)
  return `countersign runs, uses and explains the OAuth 2.0 client credentials flow: services that call
each other with tokens, no user present.

Usage: countersign COMMAND [arguments] [options]
       countersign help COMMAND
       countersign --version

Commands
${definitionList(commands)}
Start here
${definitionList([
  ['countersign dev', 'A server, a client and a guarded API on this machine, ready to be called'],
  ['countersign help token', 'How to get a token, from this server or any other'],
])}
Secrets
${indented(SECRETS)}
${exitCodes()}`
}

/** What `countersign help COMMAND` prints. */
export function commandHelp(command: Command): string {
  const { name, summary, usage, about, options, examples } = command
  return `countersign ${name}: ${summary}

Usage: countersign ${name} ${usage}

${about.join('\n')}

Options
${definitionList([
  ...Object.entries(options).map(
    ([option, definition]) => [optionTerm(option, definition), optionText(definition)] as const,
  ),
  ['-h, --help', 'Print this'],
])}
Examples
${examples.map(([line, does]) => `  ${line}\n      ${does}\n`).join('')}
${exitCodes()}`
}

/** What `countersign client --help` prints: the commands of a group. */
export function groupHelp(group: string): string {
  const members = COMMANDS.filter(({ name }) => name.startsWith(`${group} `))
  return `Usage: countersign ${group} COMMAND [arguments] [options]

Commands
${definitionList(members.map(({ name, summary }) => [name, summary] as const))}
See also: countersign help ${members[0]?.name ?? group}
`
}

function optionTerm(name: string, { value, short }: OptionDefinition): string {
  const dashes = short === undefined ? '    ' : `-${short}, `
  return `${dashes}--${name}${value === undefined ? '' : ` ${value}`}`
}

function optionText({ help, repeats, default: fallback, env }: OptionDefinition): string {
  const notes = [
    ...(repeats === true ? ['repeatable'] : []),
    ...(fallback === undefined ? [] : [`default ${fallback}`]),
    ...(env === undefined ? [] : [`or ${env}`]),
  ]
  return notes.length === 0 ? help : `${help} (${notes.join('; ')})`
}

function exitCodes(): string {
  const rows = Object.values(EXIT_CODES).map(
    ({ code, meaning }) => [String(code), meaning] as const,
  )
  return `Exit codes\n${definitionList(rows)}`
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ')
}
