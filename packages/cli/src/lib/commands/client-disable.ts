import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Refuse a client from now on. */
export const clientDisable: Command = {
  name: 'client disable',
  summary: 'Refuse a client from now on',
  usage: 'ID [options]',
  about: ['Tokens it has stay good until they expire. Its ID, secrets and grants are kept.'],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign client disable billing', 'Stops billing from getting tokens']],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const [clientId = ''] = call.arguments.operands
    const { state } = await withAdministration(call, (administration) =>
      administration.disableClient(clientId),
    )
    const { io, json } = call
    io.stdout(
      json
        ? `${JSON.stringify({ client_id: clientId, state })}\n`
        : `client ${clientId} disabled\n`,
    )
    return EXIT_CODES.ok.code
  },
}
