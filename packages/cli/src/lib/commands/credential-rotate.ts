import type { Command } from '../command.ts'
import { clientRotate } from './client-rotate.ts'

/** `client rotate`, under the name of what it changes. */
export const credentialRotate: Command = {
  ...clientRotate,
  name: 'credential rotate',
  usage: 'CLIENT [options]',
  examples: [
    ['countersign credential rotate billing --overlap 7d', 'Both secrets work for a week'],
  ],
}
