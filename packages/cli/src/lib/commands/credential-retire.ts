import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { parseDuration } from '../text/duration.ts'
import { isoTimeOrNull, relativeTime } from '../text/time-in-words.ts'

/** Lets a credential end. */
export const credentialRetire: Command = {
  name: 'credential retire',
  summary: 'Let one credential of a client end, now or after a while',
  usage: 'ID [options]',
  about: [
    'countersign credential list shows the IDs, and which ones nobody uses any more.',
    'Tokens got with it stay good until they expire.',
  ],
  operands: [1, 1],
  options: {
    after: { value: 'SPAN', help: 'How long it still works, such as 24h or 7d', default: '0' },
    ...CHANGE_OPTIONS,
  },
  examples: [['countersign credential retire 0b9e --after 24h', 'It ends tomorrow']],
  async run(call) {
    const { arguments: given, now } = call
    const [id = ''] = given.operands
    const at = now() + parseDuration('after', given.text('after') ?? '0')
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) => administration.retireCredential(id, { at }),
      ({ expiresAt }) => ({
        json: { credential_id: id, expires_at: isoTimeOrNull(expiresAt ?? at) },
        text: `credential ${id} ends ${relativeTime(expiresAt ?? at, now())}\n`,
      }),
    )
  },
}
