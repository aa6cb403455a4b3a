import { JSON_OPTION, type Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { givenToken } from '../inspect/given-token.ts'
import { inspectToken } from '../inspect/inspect-token.ts'
import { inspectionJson, inspectionText } from '../inspect/inspection-text.ts'

/** Longest text that is looked at, in characters. */
const MAX_TOKEN = 65_536

/** Decodes a token. */
export const inspect: Command = {
  name: 'inspect',
  summary: 'Decode a token and say in words what it holds; verifies nothing',
  usage: 'TOKEN|- [options]',
  about: [
    'Nothing is sent anywhere, and nothing is verified: anybody can write a token that reads well.',
    'Give - to read it from standard input, which keeps it out of the history of the shell.',
  ],
  operands: [1, 1],
  options: JSON_OPTION,
  examples: [
    ['countersign token | countersign inspect -', 'Looks into a token as it comes'],
    ['countersign inspect - --json < token.txt', 'The same for programs'],
  ],
  async run({ arguments: given, io, now, json }) {
    const [operand = ''] = given.operands
    const token = await givenToken(operand, io)
    if (token.length > MAX_TOKEN || /[\s"]/.test(token)) {
      throw usageFailure(
        token.length > MAX_TOKEN ? 'this is too long for a token' : 'this is more than a token',
        'Give the token alone, without the JSON or header around it',
      )
    }
    const inspection = inspectToken(token, now())
    io.stdout(json ? inspectionJson(inspection) : inspectionText(inspection, now()))
    return EXIT_CODES.ok.code
  },
}
