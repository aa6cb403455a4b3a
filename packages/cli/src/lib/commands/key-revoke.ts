import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'

/** Ends a signing key at once. */
export const keyRevoke: Command = {
  name: 'key revoke',
  summary: 'End a signing key that leaked: withdrawn at once, its tokens revoked',
  usage: 'KID [options]',
  about: [
    'Another key signs from now on. Guards that hold the key set take its tokens on until they read it',
    'anew, within 5 minutes: restart them, or let them follow the revocation feed.',
    'For a key that did not leak use countersign key rotate, which no call notices.',
  ],
  operands: [1, 1],
  options: CHANGE_OPTIONS,
  examples: [['countersign key revoke nEXAMPLEk', 'Its private half was copied']],
  async run(call) {
    const { printChange } = await import('../registry/print-change.ts')
    const [kid = ''] = call.arguments.operands
    return printChange(
      call,
      (administration) => administration.revokeSigningKey(kid),
      ({ successor }) => ({
        json: { kid, state: 'revoked', successor: successor.kid },
        text: `key ${kid} is revoked; ${successor.kid} signs from now on\n`,
      }),
    )
  },
}
