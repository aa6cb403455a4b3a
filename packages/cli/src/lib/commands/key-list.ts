import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'

/** Lists the signing keys. */
export const keyList: Command = {
  name: 'key list',
  summary: 'List the signing keys: which one signs, which are announced, kept or gone',
  usage: '[options]',
  about: ['Private halves are never shown. The server makes the first key when it first starts.'],
  operands: [0, 0],
  options: REGISTRY_OPTIONS,
  examples: [
    ['countersign key list', 'A table for people'],
    ['countersign key list --json', 'A list for programs; times in ISO 8601'],
  ],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const { keyJson, keyTable } = await import('../registry/key-table.ts')
    const keys = await withAdministration(call, (administration) =>
      administration.listSigningKeys(),
    )
    call.io.stdout(
      call.json
        ? `${JSON.stringify(keyJson(keys, call.now()), undefined, 2)}\n`
        : keyTable(keys, call.now()),
    )
    return EXIT_CODES.ok.code
  },
}
