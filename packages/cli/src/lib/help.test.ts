import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'
import { COMMANDS } from './command-list.ts'
import { EXIT_CODES } from './errors/exit-codes.ts'
import { commandHelp, generalHelp, groupHelp } from './help.ts'

describe('generalHelp', () => {
  it('names every command with what it is for, where secrets come from, and the exit codes', () => {
    const help = generalHelp()
    for (const { name } of COMMANDS) expect(help).toContain(`  ${name} `)
    for (const { summary } of COMMANDS) expect(help).toContain(summary)
    for (const { code, meaning } of Object.values(EXIT_CODES)) {
      expect(help).toContain(`  ${code}  ${meaning.slice(0, 40)}`)
    }
    expect(help).toContain('never from the command line')
  })
})

describe('countersign resource update --help', () => {
  it('names no default for what stays as it is', () => {
    const update = COMMANDS.find(({ name }) => name === 'resource update')
    const create = COMMANDS.find(({ name }) => name === 'resource create')
    if (update === undefined || create === undefined) throw new Error('there is no such command')
    expect(commandHelp(update)).not.toMatch(/default (?:3600|jwt|ES256|none|the URI)/)
    expect(commandHelp(create)).toMatch(/default 3600/)
    // The settings themselves are the same.
    for (const option of ['name', 'lifetime', 'format', 'alg', 'bound', 'introspect']) {
      expect(update.options[option]?.help).toBe(create.options[option]?.help)
    }
  })
})

describe('groupHelp', () => {
  it('names the commands of the group only', () => {
    expect(groupHelp('client')).toContain('client rotate')
    expect(groupHelp('client')).not.toContain('resource create')
  })
})

describe.each(COMMANDS.map((command) => [command.name, command] as const))(
  'countersign %s --help',
  (name, command) => {
    const help = commandHelp(command)

    it('says what it is for, how to call it, and every option with unit and default', () => {
      expect(help).toContain(`countersign ${name}: ${command.summary}`)
      expect(help).toContain(`Usage: countersign ${name} ${command.usage}`)
      const unwrapped = help.replaceAll(/\s+/g, ' ')
      for (const [option, definition] of Object.entries(command.options)) {
        expect(definition.help).not.toBe('')
        expect(unwrapped).toContain(`--${option}`)
        expect(unwrapped).toContain(definition.help)
        expect(unwrapped).toContain(definition.default ?? '')
        expect(unwrapped).toContain(definition.env ?? '')
      }
      expect(command.options).toHaveProperty('json')
    })

    it('stays within 100 columns, examples set aside', () => {
      const examples = command.examples.map(([line]) => `  ${line}`)
      const long = help.split('\n').filter((line) => line.length > 100 && !examples.includes(line))
      expect(long).toEqual([])
    })

    it('has examples that this command can read', () => {
      expect(command.examples.length).toBeGreaterThan(0)
      for (const [line] of command.examples) {
        const words = new RegExp(`countersign ${name}\\b([^|<)]*)`).exec(line)?.[1]
        expect(words).toBeDefined()
        const argv = Array.from((words ?? '').matchAll(/'([^']*)'|(\S+)/g), (match) =>
          String(match[1] ?? match[2]),
        )
        expect(() => parseArguments(command, argv)).not.toThrow()
      }
    })
  },
)
