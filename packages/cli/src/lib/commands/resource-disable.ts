import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Issue no more tokens for an API. */
export const resourceDisable: Command = {
  name: 'resource disable',
  summary: 'Issue no more tokens for an API',
  usage: 'URI [options]',
  about: [
    'Its URI stays taken. Tokens there are stay good until they expire: countersign revoke resource URI.',
  ],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [
    ['countersign resource disable https://api.example.com/orders', 'No more tokens for it'],
  ],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.disableResource(id),
      ({ state }) => ({
        json: { resource: id, state },
        text: `resource ${id} disabled\n`,
      }),
    )
  },
}
