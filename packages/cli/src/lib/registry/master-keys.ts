import { statSync } from 'node:fs'
import {
  formatMasterKeys,
  generateMasterKey,
  parseMasterKeys,
  type MasterKey,
} from '@countersign/server'
import { CommandFailure } from '../errors/command-failure.ts'
import { createPrivateFile, readPrivateFile } from './private-file.ts'
import type { RegistryPaths } from './registry-options.ts'

/**
 * The master keys of a registry: from the environment, else from the file beside it.
 *
 * With `create`, a file that is missing is made. Not so for a registry that exists: what that holds was
 * protected with keys that are lost, and fresh ones would open none of it.
 * Throws: `CommandFailure` (configuration).
 */
export function masterKeys(
  paths: RegistryPaths,
  { create }: { readonly create: boolean },
): readonly MasterKey[] {
  const { masterKeyFile, masterKeyText } = paths
  if (masterKeyText !== undefined) return parsedKeys(masterKeyText, 'COUNTERSIGN_MASTER_KEYS')
  const text = readPrivateFile(masterKeyFile)
  if (text !== undefined) return parsedKeys(text, masterKeyFile)
  if (!create) {
    throw new CommandFailure('configuration', `there are no master keys at ${masterKeyFile}`, {
      cure: 'Put the file of this database back, or name it: --master-key-file PATH or COUNTERSIGN_MASTER_KEYS',
    })
  }
  createPrivateFile(masterKeyFile, formatMasterKeys([generateMasterKey()]))
  return masterKeys(paths, { create: false })
}

/** Whether there is a database at `db`. A file without content is none: a start that was cut short. */
export function databaseExists(db: string): boolean {
  return (statSync(db, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function parsedKeys(text: string, where: string): readonly MasterKey[] {
  const keys = parseMasterKeys(text)
  if (keys.ok) return keys.value
  throw new CommandFailure('configuration', `${where} ${keys.reason}`, {
    cure: 'Write one version:key a line, the current one first, as countersign serve wrote it',
  })
}
