import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'

/** Lists the clients. */
export const clientList: Command = {
  name: 'client list',
  summary: 'List clients with the state of their secrets and what they may do',
  usage: '[options]',
  about: ['Disabled clients are listed, too. No secret is: the server does not know them.'],
  operands: [0, 0],
  options: REGISTRY_OPTIONS,
  examples: [
    ['countersign client list', 'A table for people'],
    ['countersign client list --json', 'A list for programs; times in ISO 8601'],
  ],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const { clientJson, clientTable } = await import('../registry/client-table.ts')
    const clients = await withAdministration(call, (administration) => administration.listClients())
    call.io.stdout(
      call.json
        ? `${JSON.stringify(clients.map(clientJson), undefined, 2)}\n`
        : clientTable(clients, call.now()),
    )
    return EXIT_CODES.ok.code
  },
}
