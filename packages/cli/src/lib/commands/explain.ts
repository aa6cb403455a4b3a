import type { Command } from '../command.ts'
import { CommandFailure } from '../errors/command-failure.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { REGISTRY_OPTIONS } from '../registry/registry-options.ts'
import { jsonMembers } from '../text/json-members.ts'
import { printable } from '../text/printable.ts'
import { isoTime, relativeTime } from '../text/time-in-words.ts'

/** Says why the server refused. */
export const explain: Command = {
  name: 'explain',
  summary: 'Say exactly why the server refused a request, and the cure',
  usage: 'ID [options]',
  about: [
    'ID is the correlation_id of the answer, which clients are shown and may print in their logs. The',
    'answer says no more, for a stranger must not learn more; this does. It is written down within a',
    'second.',
  ],
  operands: [1, 1],
  options: REGISTRY_OPTIONS,
  examples: [
    ['countersign explain 3f0c8a4e-9d5b-4c1a-8e51-6a7d2f9b0c11', 'Reason, facts and cure'],
  ],
  async run(call) {
    const [id = ''] = call.arguments.operands
    const { withAdministration } = await import('../registry/open-registry.ts')
    const found = await withAdministration(call, (administration) => administration.explain(id))
    if (found === undefined) {
      throw new CommandFailure('registry', 'nothing was written down under that ID', {
        code: 'not_found',
        cure: 'Check the ID and the database; try again in a second; floods are summed up, not listed',
      })
    }
    const { at, type, clientId, reason, meaning, cure, facts, detail } = found
    const members = {
      at: isoTime(at),
      type,
      client_id: clientId,
      reason,
      meaning,
      cure,
      facts,
      detail: jsonMembers(detail),
    }
    const lines = [
      `${reason ?? type}, ${relativeTime(at, call.now())}${clientId === null ? '' : `, client ${clientId}`}`,
      meaning,
      ...facts,
      `cure: ${cure}`,
    ]
    call.io.stdout(
      call.json
        ? `${JSON.stringify(members)}\n`
        : lines.map((line) => `${printable(line)}\n`).join(''),
    )
    return EXIT_CODES.ok.code
  },
}
