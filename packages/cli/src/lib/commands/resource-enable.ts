import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Issue tokens for a disabled API again. */
export const resourceEnable: Command = {
  name: 'resource enable',
  summary: 'Issue tokens for a disabled API again',
  usage: 'URI [options]',
  about: ['Its scopes and what was granted there are what they were.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign resource enable https://api.example.com/orders', 'Tokens for it again']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.enableResource(id),
      ({ state }) => ({
        json: { resource: id, state },
        text: `resource ${id} enabled\n`,
      }),
    )
  },
}
