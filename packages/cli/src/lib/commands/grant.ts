import type { Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { TOKEN_LIFETIMES } from '../registry/resource-options.ts'
import { scopeList } from '../text/scope-list.ts'
import { parseWholeNumber } from '../text/whole-number.ts'

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
    lifetime: {
      value: 'SECONDS',
      help: 'Let its tokens live shorter',
      default: 'as the resource says',
    },
    details: {
      value: 'TYPE',
      repeats: true,
      help: 'A type of authorization_details it may ask for (RFC 9396)',
    },
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
    const { arguments: given } = call
    const [clientId = '', resource = '', ...texts] = given.operands
    const scopes = scopeList(texts)
    if (given.flag('none') !== (scopes.length === 0)) {
      throw usageFailure(
        'grant needs either scopes or --none',
        'Write it as: countersign grant CLIENT RESOURCE SCOPE...',
      )
    }
    const lifetime = given.text('lifetime')
    const options = {
      clientId,
      resource,
      scopes,
      authorizationDetailsTypes: given.list('details'),
      ...(lifetime !== undefined && {
        tokenLifetimeSeconds: parseWholeNumber('lifetime', lifetime, TOKEN_LIFETIMES),
      }),
    }
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) => administration.grant(options),
      (record) => ({
        json: { client_id: clientId, resource, scopes: record.scopes },
        text: `client ${clientId} may at ${resource}: ${record.scopes.join(' ') || 'nothing'}\n`,
      }),
    )
  },
}
