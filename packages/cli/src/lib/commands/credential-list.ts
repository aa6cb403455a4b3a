import type { Command } from '../command.ts'
import { CommandFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'

/** Lists credentials. */
export const credentialList: Command = {
  name: 'credential list',
  summary: 'List what clients prove themselves with, and what is safe to retire',
  usage: '[CLIENT] [options]',
  about: [
    'Of one client, or of all. No secret is shown: the server does not know them.',
    'Safe to retire: it has ended, or it is to end and its client has changed over to another. Servers',
    'tell of uses every few seconds.',
  ],
  operands: [0, 1],
  options: REGISTRY_OPTIONS,
  examples: [
    ['countersign credential list billing', 'Its secrets, keys and certificates, with their IDs'],
    ['countersign credential list --json', 'All of them, for programs'],
  ],
  async run(call) {
    const [clientId] = call.arguments.operands
    const { withAdministration } = await import('../registry/open-registry.ts')
    const { credentialJson, credentialTable } = await import('../registry/credential-table.ts')
    const clients = await withAdministration(call, (administration) => administration.listClients())
    if (clientId !== undefined && !clients.some((client) => client.clientId === clientId)) {
      throw new CommandFailure('registry', 'there is no client of that identifier', {
        code: 'client_unknown',
        cure: 'List what there is: countersign client list',
      })
    }
    const credentials = clients
      .filter((client) => clientId === undefined || client.clientId === clientId)
      .flatMap((client) => client.credentials)
    call.io.stdout(
      call.json
        ? `${JSON.stringify(credentials.map(credentialJson), undefined, 2)}\n`
        : credentialTable(credentials, call.now()),
    )
    return EXIT_CODES.ok.code
  },
}
