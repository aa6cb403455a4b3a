import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Let a disabled client in again. */
export const clientEnable: Command = {
  name: 'client enable',
  summary: 'Let a disabled client in again',
  usage: 'ID [options]',
  about: ['Its credentials and grants are what they were.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign client enable billing', 'Lets billing get tokens again']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.enableClient(id),
      ({ state }) => ({
        json: { client_id: id, state },
        text: `client ${id} enabled\n`,
      }),
    )
  },
}
