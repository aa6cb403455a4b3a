import type { Command } from '../command.ts'
import { CHANGE_OPTIONS } from '../registry/registry-options.ts'
import { EXIT_CODES } from '../errors/exit-codes.ts'

/** Adds a master key. */
export const masterKeyAdd: Command = {
  name: 'master-key add',
  summary: 'Add a master key to the file; servers use it from their next start on',
  usage: '[options]',
  about: [
    'What is made after the next start of a server rests on the new key; what is there rests on the',
    'older ones, so they stay in the file. With several servers add it with --second first, restart',
    'them all, then make it the first line and restart them again: else one writes what another',
    'cannot read yet.',
  ],
  operands: [0, 0],
  options: {
    second: {
      help: 'Put it on the second line: servers can read with it, and do not write with it',
    },
    ...CHANGE_OPTIONS,
  },
  examples: [
    ['countersign master-key add', 'One server: add it, then restart the server'],
    ['countersign master-key add --second', 'Several servers: add it, restart them all'],
  ],
  async run(call) {
    const { addMasterKey } = await import('../registry/add-master-key.ts')
    const { version, file } = addMasterKey(call, { second: call.arguments.flag('second') })
    const { io, json } = call
    io.stdout(
      json
        ? `${JSON.stringify({ version, master_key_file: file })}\n`
        : `master key ${version} is in ${file}; restart every server on this database\n`,
    )
    return EXIT_CODES.ok.code
  },
}
