import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Seals signing keys under the current master key. */
export const keyReseal: Command = {
  name: 'key reseal',
  summary: 'Seal the signing keys anew under the current master key',
  usage: '[options]',
  about: [
    'After countersign master-key add and a restart: then no signing key needs the older master keys.',
    'Secrets still do, until each is rotated.',
  ],
  operands: [0, 0],
  options: CHANGE_OPTIONS,
  examples: [['countersign key reseal', 'No signing key rests on an older master key']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) => administration.resealSigningKeys(),
      ({ resealed, unopened }) => ({
        json: { resealed, unopened },
        text:
          `sealed anew: ${resealed.length === 0 ? 'none' : resealed.join(' ')}\n` +
          (unopened.length === 0 ? '' : `their master key is not here: ${unopened.join(' ')}\n`),
      }),
    )
  },
}
