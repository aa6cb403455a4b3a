import type { Command } from './command.ts'
import { backup } from './commands/backup.ts'
import { clientCreate } from './commands/client-create.ts'
import { clientList } from './commands/client-list.ts'
import { clientMethods } from './commands/client-methods.ts'
import { clientRotate } from './commands/client-rotate.ts'
import { clientUsage } from './commands/client-usage.ts'
import { credentialAdd } from './commands/credential-add.ts'
import { credentialList } from './commands/credential-list.ts'
import { credentialRetire } from './commands/credential-retire.ts'
import { credentialRotate } from './commands/credential-rotate.ts'
import { dev } from './commands/dev.ts'
import { doctor } from './commands/doctor.ts'
import { explain } from './commands/explain.ts'
import { fetchCommand } from './commands/fetch.ts'
import { grant } from './commands/grant.ts'
import { inspect } from './commands/inspect.ts'
import { issuerCreate } from './commands/issuer-create.ts'
import { issuerList } from './commands/issuer-list.ts'
import { keyList } from './commands/key-list.ts'
import { keyReseal } from './commands/key-reseal.ts'
import { keyRevoke } from './commands/key-revoke.ts'
import { keyRotate } from './commands/key-rotate.ts'
import { masterKeyAdd } from './commands/master-key-add.ts'
import { resourceCreate } from './commands/resource-create.ts'
import { resourceList } from './commands/resource-list.ts'
import { resourceUpdate } from './commands/resource-update.ts'
import { revocationList } from './commands/revocation-list.ts'
import { revoke } from './commands/revoke.ts'
import { serve } from './commands/serve.ts'
import { STATE_COMMANDS } from './commands/state-commands.ts'
import { token } from './commands/token.ts'

/**
 * Every command, in the order of the help.
 *
 * The modules hold definitions and load what they run on when they run: help must not wait for a
 * server and a database.
 */
export const COMMANDS: readonly Command[] = [
  dev,
  serve,
  clientCreate,
  clientList,
  clientRotate,
  ...STATE_COMMANDS.client,
  clientMethods,
  clientUsage,
  credentialAdd,
  credentialList,
  credentialRotate,
  credentialRetire,
  ...STATE_COMMANDS.credential,
  resourceCreate,
  resourceList,
  resourceUpdate,
  ...STATE_COMMANDS.resource,
  grant,
  issuerCreate,
  issuerList,
  ...STATE_COMMANDS.issuer,
  keyList,
  keyRotate,
  keyRevoke,
  keyReseal,
  masterKeyAdd,
  revoke,
  revocationList,
  backup,
  token,
  fetchCommand,
  inspect,
  doctor,
  explain,
]
