import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Trust no more assertions of an issuer. */
export const issuerDisable: Command = {
  name: 'issuer disable',
  summary: 'Trust no more assertions of an issuer',
  usage: 'URL [options]',
  about: ['Clients that prove themselves by it get no tokens. The rules about it are kept.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [
    [
      'countersign issuer disable https://token.actions.githubusercontent.com',
      'Its jobs get no more tokens',
    ],
  ],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.disableTrustedIssuer(id),
      ({ state }) => ({
        json: { issuer: id, state },
        text: `issuer ${id} disabled\n`,
      }),
    )
  },
}
