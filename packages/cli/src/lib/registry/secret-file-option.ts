import type { OptionDefinitions } from '../command.ts'

/** Where a fresh secret goes. */
export const SECRET_FILE_OPTION: OptionDefinitions = {
  'secret-file': {
    value: 'PATH',
    help: 'Write the secret to this file, which only you may read, in place of printing it; never over a file that exists',
  },
}
