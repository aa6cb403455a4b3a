import { JSON_OPTION, type Call, type OptionDefinitions } from '../command.ts'
import { usageFailure } from '../errors/command-failure.ts'
import { isPostgresUrl } from './postgres-url.ts'

/** Where the registry is: the options of every command that works on it. */
export const REGISTRY_OPTIONS: OptionDefinitions = {
  db: {
    value: 'PATH',
    help: 'The SQLite file, or postgres:// URL, with clients, resources, grants and keys',
    default: 'countersign.db',
    env: 'COUNTERSIGN_DB',
  },
  'master-key-file': {
    value: 'PATH',
    help: 'The file with the master keys, which only its owner may read',
    default: 'the database with .keys at its end, or countersign.keys',
    env: 'the keys themselves in COUNTERSIGN_MASTER_KEYS',
  },
  ...JSON_OPTION,
}

/** The options of every command that changes the registry. */
export const CHANGE_OPTIONS: OptionDefinitions = {
  'dry-run': { help: 'Check the change and show what would be written, and write nothing' },
  ...REGISTRY_OPTIONS,
}

/** Makes a registry where there is none: of the commands that add to it. */
export const CREATE_OPTION: OptionDefinitions = {
  create: { help: 'Make the database and its master keys where there are none' },
}

/** Where the files of a call's registry are. */
export interface RegistryPaths {
  readonly db: string
  readonly masterKeyFile: string
  /** Set where the master keys come from the environment and no file is looked at. */
  readonly masterKeyText: string | undefined
}

/** The paths that the options and the environment name. An option wins over the environment. */
export function registryPaths({ arguments: given, io: { env } }: Call): RegistryPaths {
  const db = given.text('db') ?? (env['COUNTERSIGN_DB'] || 'countersign.db')
  if (isPostgresUrl(db) && given.text('db') !== undefined && URL.parse(db)?.password) {
    throw usageFailure(
      '--db: secrets never come from the command line',
      'Leave the password out and put it into PGPASSWORD, or put the URL into COUNTERSIGN_DB',
    )
  }
  const file = given.text('master-key-file')
  return {
    db,
    masterKeyFile: file ?? (isPostgresUrl(db) ? 'countersign.keys' : `${db}.keys`),
    masterKeyText: file === undefined ? env['COUNTERSIGN_MASTER_KEYS'] || undefined : undefined,
  }
}
