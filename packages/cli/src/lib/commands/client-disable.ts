import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Refuse a client from now on. */
export const clientDisable: Command = {
  name: 'client disable',
  summary: 'Refuse a client from now on',
  usage: 'ID [options]',
  about: [
    'Tokens it has stay good until they expire: countersign revoke client ID ends them.',
    'Its ID, credentials and grants are kept.',
  ],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign client disable billing', 'Stops billing from getting tokens']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.disableClient(id),
      ({ state }) => ({
        json: { client_id: id, state },
        text: `client ${id} disabled\n`,
      }),
    )
  },
}
