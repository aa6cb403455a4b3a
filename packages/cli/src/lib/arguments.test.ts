import { describe, expect, it } from 'vitest'
import { parseArguments } from './arguments.ts'
import type { Command } from './command.ts'

const command: Command = {
  name: 'try',
  summary: '',
  usage: 'A [B] [options]',
  about: [],
  operands: [1, 2],
  options: {
    scope: { value: 'SCOPE', repeats: true, help: '' },
    port: { value: 'PORT', short: 'p', help: '' },
    json: { help: '' },
  },
  examples: [],
  run: async () => 0,
}

describe('parseArguments', () => {
  it('reads operands and options in any order', () => {
    const given = parseArguments(command, ['--scope', 'a', 'one', '-p8', '--scope=b', 'two'])
    expect(given.operands).toEqual(['one', 'two'])
    expect(given.list('scope')).toEqual(['a', 'b'])
    expect(given.text('port')).toBe('8')
    expect(given.flag('json')).toBe(false)
  })

  it('takes everything after -- as operands, and a lone dash too', () => {
    expect(parseArguments(command, ['--json', '--', '--scope', '-']).operands).toEqual([
      '--scope',
      '-',
    ])
  })

  it('takes the identifier of a key that begins with a dash for what it is', () => {
    const ids = ['-9', '--', '-p'].map((start) => start.padEnd(43, 'aZ_-09'))
    for (const id of ids) {
      expect(parseArguments(command, [id, '--json'])).toMatchObject({ operands: [id] })
      expect(parseArguments(command, ['--scope', id, 'x']).list('scope')).toEqual([id])
      expect(parseArguments(command, ['--', id]).operands).toEqual([id])
    }
    expect(() => parseArguments(command, ['-9'.padEnd(44, 'a')])).toThrow('unknown option')
  })

  it.each([
    [['x', '--prt', '1'], 'unknown option --prt', 'Use --port'],
    [['x', '--colour'], 'unknown option --colour', 'countersign help try'],
    [['x', '--constructor'], 'unknown option --constructor', 'countersign help try'],
    [['x', '-z'], 'unknown option -z', 'countersign help try'],
    [['x', '--port'], '--port needs a value', '--port=PORT'],
    [['x', '--port='], '--port needs a value', '--port=PORT'],
    [['x', '--port', '--json'], '--port needs a value', '--port=PORT'],
    [['x', '--json=yes'], '--json takes no value', '--json'],
    [[], 'an argument too few', 'countersign try A [B] [options]'],
    [['1', '2', '3'], 'an argument too many', 'countersign try A [B] [options]'],
  ])('refuses %j', (argv, message, cure) => {
    expect(() => parseArguments(command, argv)).toThrowError(
      expect.objectContaining({
        exit: 'usage',
        message: expect.stringContaining(message) as string,
        cure: expect.stringContaining(cure) as string,
      }) as Error,
    )
  })

  it.each([
    '--client-secret=marker',
    '--secret=marker',
    '--password=marker',
    '--token=marker',
    '--master-key=marker',
    '-umarker',
  ])('refuses a secret in %s without repeating it', (argument) => {
    let failure: unknown
    try {
      parseArguments(command, ['x', argument])
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({
      exit: 'usage',
      message: expect.stringContaining('secrets never come from the command line') as string,
    })
    expect(String((failure as Error).stack)).not.toContain('marker')
  })
})
