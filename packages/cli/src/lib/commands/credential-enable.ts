import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Take a disabled credential again. */
export const credentialEnable: Command = {
  name: 'credential enable',
  summary: 'Take a disabled credential again',
  usage: 'ID [options]',
  about: ['An expired one stays expired.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign credential enable 0b9e', 'The key was found']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [id = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.enableCredential(id),
      ({ state }) => ({
        json: { credential_id: id, state },
        text: `credential ${id} enabled\n`,
      }),
    )
  },
}
