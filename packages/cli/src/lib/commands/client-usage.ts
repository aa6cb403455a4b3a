import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'

/** Lists granted scopes with their use. */
export const clientUsage: Command = {
  name: 'client usage',
  summary: 'List granted scopes with their last use, and those that were never used',
  usage: '[CLIENT] [options]',
  about: [
    'Of one client, or of all. Uses are known where the API tells of them: scopeUsage of',
    '@countersign/guard does. Where one never did, the use of its scopes is unknown.',
    'Never used since its API began to tell: the grant may not need it.',
  ],
  operands: [0, 1],
  options: {
    unused: { help: 'Only scopes that were never used, at APIs that tell of uses' },
    ...REGISTRY_OPTIONS,
  },
  examples: [
    ['countersign client usage billing', 'What it was granted, and what it uses of it'],
    ['countersign client usage --unused --json', 'Grants that may be too wide, for programs'],
  ],
  async run(call) {
    const [clientId] = call.arguments.operands
    const { withAdministration } = await import('../registry/open-registry.ts')
    const { scopeJson, scopeTable } = await import('../registry/scope-table.ts')
    const granted = await withAdministration(call, (administration) =>
      administration.listGrantedScopes(clientId === undefined ? {} : { clientId }),
    )
    const scopes = call.arguments.flag('unused')
      ? granted.filter(({ toldSince, lastUsedAt }) => toldSince !== null && lastUsedAt === null)
      : granted
    call.io.stdout(
      call.json
        ? `${JSON.stringify(scopes.map(scopeJson), undefined, 2)}\n`
        : scopeTable(scopes, call.now()),
    )
    return EXIT_CODES.ok.code
  },
}
