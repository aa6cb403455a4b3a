import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Refuse one credential of a client from now on. */
export const credentialDisable: Command = {
  name: 'credential disable',
  summary: 'Refuse one credential of a client from now on',
  usage: 'ID [options]',
  about: [
    'The client goes on with its other ones. Tokens got with it stay good until they expire:',
    'countersign revoke credential ID ends them.',
  ],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign credential disable 0b9e', 'A key was lost: it proves nothing any more']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.disableCredential(id),
      ({ state }) => ({
        json: { credential_id: id, state },
        text: `credential ${id} disabled\n`,
      }),
    )
  },
}
