import type { RevocationTarget } from '@countersign/server'
import type { Command } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { givenToken } from '../inspect/given-token.ts'
import { tokenIdOf } from '../inspect/token-id.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { isoTimeOrNull } from '../text/time-in-words.ts'

const WORDS: Readonly<Record<string, RevocationTarget>> = {
  token: 'token',
  client: 'client',
  credential: 'credential',
  key: 'signing_key',
  resource: 'resource',
}

/** Ends tokens that were issued. */
export const revoke: Command = {
  name: 'revoke',
  summary: 'End tokens: one, or all of a client, credential, key or resource',
  usage: 'token|client|credential|key|resource ID [options]',
  about: [
    'Introspection and the revocation feed obey within a second. A guard that verifies JWTs by itself',
    'takes them until they expire, unless it follows the feed. Tokens issued afterwards are good: to',
    'stop those too, disable the client, credential or resource first.',
  ],
  operands: [2, 2],
  options: CHANGE_OPTIONS,
  examples: [
    ['countersign revoke client billing', 'Every token that billing has'],
    ['countersign revoke token 5a6c', 'One token, by its jti: see countersign inspect'],
    ['countersign revoke token - < token.txt', 'The same, of the token itself'],
  ],
  async run(call) {
    const [word = '', operand = ''] = call.arguments.operands
    const target = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined
    if (target === undefined) {
      throw usageFailure(
        'revoke needs to know what of',
        `Write it as: countersign revoke ${Object.keys(WORDS).join('|')} ID`,
      )
    }
    const id = target === 'token' ? tokenIdOf(await givenToken(operand, call.io)) : operand
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) => {
        switch (target) {
          case 'token':
            return administration.revokeToken(id)
          case 'client':
            return administration.revokeClientTokens(id)
          case 'credential':
            return administration.revokeCredentialTokens(id)
          case 'signing_key':
            return administration.revokeKeyTokens(id)
          case 'resource':
            return administration.revokeResourceTokens(id)
        }
      },
      ({ notAfter, expiresAt }) => ({
        json: {
          target,
          id,
          issued_until: isoTimeOrNull(notAfter),
          kept_until: isoTimeOrNull(expiresAt),
        },
        text:
          word === 'token'
            ? `revoked: the token ${id}\n`
            : `revoked: every token of ${word} ${id} that was issued until now\n`,
      }),
    )
  },
}
