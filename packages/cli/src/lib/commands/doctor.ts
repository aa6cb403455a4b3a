import type { Command } from '../command.ts'
import { SECRET_SOURCES, TOKEN_OPTIONS } from '../token/token-options.ts'

/** Finds out why there is no token, or why an API does not take it. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'Check a server, a client and an API from outside, and say the cure',
  usage: '[options]',
  about: [
    'Works with any OAuth 2.0 server. Checks in order: metadata, clock, whether flow and method are',
    'offered, a token with these settings, its life, scope, audience and key, the API of --api.',
    'Where the server refuses, asks again with one setting changed, three times at most.',
    ...SECRET_SOURCES,
  ],
  operands: [0, 0],
  options: {
    api: {
      value: 'URL',
      help: 'An address of the API to call without a token and with it, by GET',
    },
    ...TOKEN_OPTIONS,
  },
  examples: [
    ['countersign doctor', 'Checks what the environment describes'],
    [
      'countersign doctor --issuer https://auth.example.com --client-id billing --secret-file secret --api https://api.example.com/orders',
      'Checks all three parties',
    ],
    [
      'countersign doctor --json',
      'One JSON object: healthy, and findings with check, state, says, cure',
    ],
  ],
  async run(call) {
    const { runDoctor } = await import('../doctor/run-doctor.ts')
    return runDoctor(call)
  },
}
