import { formatMasterKeys, generateMasterKey } from '@countersign/server'
import type { Call } from '../command.ts'
import { CommandFailure } from '../errors/command-failure.ts'
import { masterKeys } from './master-keys.ts'
import { replacePrivateFile } from './private-file.ts'
import { registryPaths } from './registry-options.ts'

/**
 * Adds a master key of the next version to the file of a registry.
 *
 * Throws: `CommandFailure` (configuration) where the keys come from the environment, which a command
 * cannot change, or where there is no file.
 */
export function addMasterKey(
  call: Call,
  { second }: { readonly second: boolean },
): { readonly version: number; readonly file: string } {
  const paths = registryPaths(call)
  if (paths.masterKeyText !== undefined) {
    throw new CommandFailure(
      'configuration',
      'the master keys come from COUNTERSIGN_MASTER_KEYS, which a command cannot change',
      { cure: 'Name the file they are kept in: --master-key-file PATH' },
    )
  }
  const [current, ...older] = masterKeys(paths, { create: false })
  if (current === undefined) throw new RangeError('there is no master key')
  const version = Math.max(...[current, ...older].map((key) => key.version)) + 1
  const added = generateMasterKey(version)
  const file = paths.masterKeyFile
  const keys = second ? [current, added, ...older] : [added, current, ...older]
  if (call.planned === undefined) replacePrivateFile(file, formatMasterKeys(keys))
  call.planned?.push({
    kind: 'master_key',
    key: String(version),
    action: 'create',
    record: { version, line: keys.indexOf(added) + 1, master_key_file: file },
  })
  return { version, file }
}
