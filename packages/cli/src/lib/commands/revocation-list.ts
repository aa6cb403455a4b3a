import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'
import { alignedTable } from '../text/aligned-table.ts'
import { isInCalendar, isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'

/** Lists what was revoked. */
export const revocationList: Command = {
  name: 'revocation list',
  summary: 'List what was revoked and may still matter',
  usage: '[options]',
  about: ['A mark goes once no token that it ends can be alive.'],
  operands: [0, 0],
  options: REGISTRY_OPTIONS,
  examples: [['countersign revocation list', 'A table for people, the newest first']],
  async run(call) {
    const { withAdministration } = await import('../registry/open-registry.ts')
    const marks = await withAdministration(call, (administration) =>
      administration.listRevocations(),
    )
    const now = call.now()
    const rows = marks.map((one) => [
      one.target.replace('_', ' '),
      one.id,
      isInCalendar(one.notAfter) ? relativeTime(one.notAfter, now) : 'whenever',
      relativeTime(one.expiresAt, now),
    ])
    const members = marks.map((one) => ({
      target: one.target,
      id: one.id,
      issued_until: isoTimeOrNull(one.notAfter),
      kept_until: isoTimeOrNull(one.expiresAt),
    }))
    call.io.stdout(
      call.json
        ? `${JSON.stringify(members, undefined, 2)}\n`
        : alignedTable(['OF', 'ID', 'TOKENS ISSUED UNTIL', 'KEPT UNTIL'], rows),
    )
    return EXIT_CODES.ok.code
  },
}
