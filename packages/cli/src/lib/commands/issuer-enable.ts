import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Trust the assertions of an issuer again. */
export const issuerEnable: Command = {
  name: 'issuer enable',
  summary: 'Trust the assertions of an issuer again',
  usage: 'URL [options]',
  about: ['The rules about it are what they were.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [
    [
      'countersign issuer enable https://token.actions.githubusercontent.com',
      'Its jobs get tokens again',
    ],
  ],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.enableTrustedIssuer(id),
      ({ state }) => ({
        json: { issuer: id, state },
        text: `issuer ${id} enabled\n`,
      }),
    )
  },
}
