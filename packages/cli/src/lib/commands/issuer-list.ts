import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'
import { alignedTable } from '../text/aligned-table.ts'
import { isoTime } from '../text/time-in-words.ts'

/** Lists the trusted issuers. */
export const issuerList: Command = {
  name: 'issuer list',
  summary: 'List the issuers that vouch for workloads',
  usage: '[options]',
  about: ['Disabled ones are listed, too.'],
  operands: [0, 0],
  options: REGISTRY_OPTIONS,
  examples: [['countersign issuer list', 'A table for people']],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const issuers = await withAdministration(call, (administration) =>
      administration.listTrustedIssuers(),
    )
    const keysOf = ({ jwks, jwksUri }: (typeof issuers)[number]): string =>
      jwks === null ? (jwksUri ?? 'by its metadata') : 'given'
    const members = issuers.map((one) => ({
      issuer: one.issuer,
      name: one.name,
      state: one.state,
      jwks_uri: one.jwksUri,
      algorithms: one.algorithms,
      created_at: isoTime(one.createdAt),
    }))
    const rows = issuers.map((one) => [one.issuer, one.name, one.state, keysOf(one)])
    call.io.stdout(
      call.json
        ? `${JSON.stringify(members, undefined, 2)}\n`
        : alignedTable(['ISSUER', 'NAME', 'STATE', 'KEYS'], rows),
    )
    return EXIT_CODES.ok.code
  },
}
