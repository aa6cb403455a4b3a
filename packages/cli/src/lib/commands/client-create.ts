import type { Command } from '../command.ts'
import { CREATE_OPTION, CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { SECRET_FILE_OPTION } from '../registry/secret-file-option.ts'

/** Registers a client and hands its secret over. */
export const clientCreate: Command = {
  name: 'client create',
  summary: 'Register a client and show its secret, once',
  usage: 'ID [options]',
  about: [
    'ID is 1 to 128 of A-Z a-z 0-9 . _ ~ - and is never used again for another client.',
    'The client may do nothing until something is granted to it: countersign grant.',
    'A running server sees it within a second.',
  ],
  operands: [1, 1],
  options: {
    name: { value: 'TEXT', help: 'What people call it', default: 'the ID' },
    'no-secret': { help: 'Make none: the client gets a key, certificate or identity later' },
    ...SECRET_FILE_OPTION,
    ...CREATE_OPTION,
    ...CHANGE_OPTIONS,
  },
  examples: [
    ['countersign client create billing', 'Registers billing and prints its secret'],
    [
      'countersign client create billing --secret-file billing.secret',
      'The same, with the secret in a file that only you may read',
    ],
  ],
  async run(call) {
    const { handOverSecret } = await import('../registry/hand-over-secret.ts')
    const [clientId = ''] = call.arguments.operands
    const name = call.arguments.text('name')
    const noSecret = call.arguments.flag('no-secret')
    return handOverSecret(
      call,
      (administration) =>
        administration.createClient({
          clientId,
          credential: noSecret ? null : { kind: 'secret', label: 'first' },
          ...(name !== undefined && { name }),
        }),
      {
        done: `client ${clientId} created`,
        next: noSecret
          ? `countersign credential add ${clientId} --public-key PATH`
          : `countersign grant ${clientId} RESOURCE SCOPE`,
      },
    )
  },
}
