import { type Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { printable } from '../text/printable.ts'

/** Says how a client may prove itself. */
export const clientMethods: Command = {
  name: 'client methods',
  summary: 'Say by which authentication methods a client may prove itself',
  usage: 'ID METHOD... [options]',
  about: [
    'A request by another method is refused, although its proof is good. Methods: client_secret_basic,',
    'client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth,',
    'self_signed_tls_client_auth.',
  ],
  operands: [1, 10],
  options: {
    any: { help: 'Every method it has a credential for, as at first' },
    ...CHANGE_OPTIONS,
  },
  examples: [
    ['countersign client methods billing private_key_jwt', 'Its old secret is of no more use'],
    ['countersign client methods billing --any', 'As at first'],
  ],
  async run(call) {
    const { arguments: given } = call
    const [id = '', ...methods] = given.operands
    if (given.flag('any') !== (methods.length === 0)) {
      throw usageFailure(
        'client methods needs either methods or --any',
        'Write it as: countersign client methods ID METHOD...',
      )
    }
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) =>
        administration.setAuthenticationMethods(id, given.flag('any') ? null : (methods as never)),
      ({ authenticationMethods: allowed }) => ({
        json: { client_id: id, authentication_methods: allowed },
        text: `client ${id} may use ${allowed === null ? 'any method' : printable(allowed.join(', '))}\n`,
      }),
    )
  },
}
