import type { SigningAlgorithm } from '@countersign/server'
import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { parseDuration } from '../text/duration.ts'
import { isoTime, relativeTime } from '../text/time-in-words.ts'

const DEFAULT_ANNOUNCE = '10m'

/** Makes the next signing key. */
export const keyRotate: Command = {
  name: 'key rotate',
  summary: 'Make the next signing key: published at once, signing after a while',
  usage: '[options]',
  about: [
    'Guards learn the key before the first token is signed with it, and the key before stays published',
    'until its last token has expired, and an hour longer. No call fails.',
  ],
  operands: [0, 0],
  options: {
    announce: {
      value: 'SPAN',
      help: 'How long the key is published before it signs, such as 30s, 10m or 24h; 0 lets it sign at once',
      default: DEFAULT_ANNOUNCE,
    },
    alg: { value: 'ALG', help: 'Whose next key, as resources name it', default: 'ES256' },
    ...CHANGE_OPTIONS,
  },
  examples: [
    ['countersign key rotate', 'A key that signs in ten minutes'],
    [
      'countersign key rotate --announce 0',
      'A key that signs at once; guards look for it when they meet it',
    ],
  ],
  async run(call) {
    const announce = parseDuration('announce', call.arguments.text('announce') ?? DEFAULT_ANNOUNCE)
    const alg = call.arguments.text('alg') as SigningAlgorithm | undefined
    const { printChange } = await import('../registry/print-change.ts')
    return printChange(
      call,
      (administration) =>
        administration.rotateSigningKey({ announce, ...(alg !== undefined && { algorithm: alg }) }),
      (key) => ({
        json: { kid: key.kid, alg: key.alg, signs_from: isoTime(key.signsFrom) },
        text: `key ${key.kid} is published and signs ${relativeTime(key.signsFrom, call.now())}\n`,
      }),
    )
  },
}
