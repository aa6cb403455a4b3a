import type { Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { scopeList } from '../text/scope-list.ts'

/** Says what a client may do at a resource. */
export const grant: Command = {
  name: 'grant',
  summary: 'Say which scopes a client may have at a resource',
  usage: 'CLIENT RESOURCE SCOPE... [options]',
  about: [
    'The scopes take the place of those granted before. Nothing is granted unless it is granted here.',
    'Tokens that exist keep their scopes until they expire.',
  ],
  operands: [2, 1000],
  options: {
    none: { help: 'Take every scope away, in place of naming scopes' },
    ...CHANGE_OPTIONS,
  },
  examples: [
    [
      'countersign grant billing https://api.example.com/orders orders:read',
      'billing may read orders, and nothing else there',
    ],
    [
      'countersign grant billing https://api.example.com/orders --none',
      'billing may do nothing there any more',
    ],
  ],
  async run(call) {
    const { arguments: given, io, json } = call
    const [clientId = '', resource = '', ...texts] = given.operands
    const scopes = scopeList(texts)
    if (given.flag('none') !== (scopes.length === 0)) {
      throw usageFailure(
        'grant needs either scopes or --none',
        'Write it as: countersign grant CLIENT RESOURCE SCOPE...',
      )
    }
    const { withAdministration } = await import('../registry/open-registry.ts')
    const record = await withAdministration(call, (administration) =>
      administration.grant({ clientId, resource, scopes }),
    )
    const members = { client_id: clientId, resource, scopes: record.scopes }
    const words = record.scopes.length === 0 ? 'nothing' : record.scopes.join(' ')
    io.stdout(
      json ? `${JSON.stringify(members)}\n` : `client ${clientId} may at ${resource}: ${words}\n`,
    )
    return EXIT_CODES.ok.code
  },
}
