import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { SECRET_FILE_OPTION } from '../registry/secret-file-option.ts'
import { parseDuration } from '../text/duration.ts'
import { spanInWords } from '../text/time-in-words.ts'

const DEFAULT_OVERLAP = '24h'

/** Gives a client another secret. */
export const clientRotate: Command = {
  name: 'client rotate',
  summary: 'Give a client another secret; the old one works on for a while',
  usage: 'ID [options]',
  about: [
    'Both secrets work during the overlap: the time to hand the other one out with no failed call.',
  ],
  operands: [1, 1],
  options: {
    overlap: {
      value: 'SPAN',
      help: 'How long the older secrets still work, such as 30s, 10m, 24h or 7d; 0 ends them at once',
      default: DEFAULT_OVERLAP,
    },
    ...SECRET_FILE_OPTION,
    ...CHANGE_OPTIONS,
  },
  examples: [
    ['countersign client rotate billing', 'Another secret; the old one ends in 24 hours'],
    ['countersign client rotate billing --overlap 0', 'The old secret has leaked: it ends at once'],
  ],
  async run(call) {
    const [clientId = ''] = call.arguments.operands
    const overlap = parseDuration('overlap', call.arguments.text('overlap') ?? DEFAULT_OVERLAP)
    const { handOverSecret } = await import('../registry/hand-over-secret.ts')
    return handOverSecret(
      call,
      (administration) => administration.rotateSecret(clientId, { overlap }),
      {
        done:
          overlap === 0
            ? `client ${clientId} has another secret; the older ones have ended`
            : `client ${clientId} has another secret; the older ones end in ${spanInWords(overlap)}`,
        next: 'countersign client list',
      },
    )
  },
}
