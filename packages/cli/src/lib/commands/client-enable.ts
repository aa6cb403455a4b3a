import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Let a disabled client in again. */
export const clientEnable: Command = {
  name: 'client enable',
  summary: 'Let a disabled client in again',
  usage: 'ID [options]',
  about: ['Its secrets and grants are what they were.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign client enable billing', 'Lets billing get tokens again']],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const [clientId = ''] = call.arguments.operands
    const { state } = await withAdministration(call, (administration) =>
      administration.enableClient(clientId),
    )
    const { io, json } = call
    io.stdout(
      json ? `${JSON.stringify({ client_id: clientId, state })}\n` : `client ${clientId} enabled\n`,
    )
    return EXIT_CODES.ok.code
  },
}
