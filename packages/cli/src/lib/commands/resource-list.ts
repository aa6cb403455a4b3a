import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'
import { resourceJson } from '../registry/resource-json.ts'
import { alignedTable } from '../text/aligned-table.ts'
import { spanInWords } from '../text/time-in-words.ts'

/** Lists the resources. */
export const resourceList: Command = {
  name: 'resource list',
  summary: 'List the APIs that tokens are for, with their scopes',
  usage: '[options]',
  about: ['The URI is what clients name as resource and guards as audience.'],
  operands: [0, 0],
  options: REGISTRY_OPTIONS,
  examples: [
    ['countersign resource list', 'A table for people'],
    ['countersign resource list --json', 'A list for programs; lifetimes in seconds'],
  ],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const resources = await withAdministration(call, (administration) =>
      administration.listResources(),
    )
    const rows = resources.map((one) => [
      one.resource,
      one.name,
      one.state,
      spanInWords(one.tokenLifetimeSeconds * 1000),
      one.scopes.join(' '),
    ])
    call.io.stdout(
      call.json
        ? `${JSON.stringify(resources.map(resourceJson), undefined, 2)}\n`
        : alignedTable(['RESOURCE', 'NAME', 'STATE', 'TOKENS LIVE', 'SCOPES'], rows),
    )
    return EXIT_CODES.ok.code
  },
}
