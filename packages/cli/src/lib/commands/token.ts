import type { Command } from '../command.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'
import { isoTimeOrNull } from '../text/time-in-words.ts'
import { SECRET_SOURCES, TOKEN_OPTIONS } from '../token/token-options.ts'

/** Prints an access token. */
export const token: Command = {
  name: 'token',
  summary: 'Get an access token and print it, alone on its line',
  usage: '[options]',
  about: ['Works with any OAuth 2.0 server that offers client credentials.', ...SECRET_SOURCES],
  operands: [0, 0],
  options: TOKEN_OPTIONS,
  examples: [
    ['TOKEN=$(countersign token)', 'Keeps a token in a variable of the shell'],
    [
      'countersign token --issuer https://auth.example.com --client-id billing --scope orders:read --json',
      'Says when it ends, too: access_token, token_type, expires_at, expires_in in seconds, scope',
    ],
    ['countersign token | countersign inspect -', 'Shows what is in it'],
  ],
  async run(call) {
    const { io, json, now } = call
    const { createClient } = await import('@countersign/client')
    const { clientOptions } = await import('../token/client-options.ts')
    await using client = createClient(clientOptions(call))
    const accessToken = await client.getToken()
    const { value, type, expiresAt, scope } = accessToken
    if (!json) {
      io.stdout(`${value}\n`)
      return EXIT_CODES.ok.code
    }
    const members = {
      access_token: value,
      token_type: type,
      expires_at: isoTimeOrNull(expiresAt),
      expires_in:
        expiresAt === undefined ? null : Math.max(0, Math.floor((expiresAt - now()) / 1000)),
      scope: scope.join(' '),
    }
    io.stdout(`${JSON.stringify(members)}\n`)
    return EXIT_CODES.ok.code
  },
}
