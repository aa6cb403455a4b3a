import type { Command } from './command.ts'
import { backup } from './commands/backup.ts'
import { clientCreate } from './commands/client-create.ts'
import { clientDisable } from './commands/client-disable.ts'
import { clientEnable } from './commands/client-enable.ts'
import { clientList } from './commands/client-list.ts'
import { clientRotate } from './commands/client-rotate.ts'
import { dev } from './commands/dev.ts'
import { doctor } from './commands/doctor.ts'
import { fetchCommand } from './commands/fetch.ts'
import { grant } from './commands/grant.ts'
import { inspect } from './commands/inspect.ts'
import { keyList } from './commands/key-list.ts'
import { keyRotate } from './commands/key-rotate.ts'
import { masterKeyAdd } from './commands/master-key-add.ts'
import { resourceCreate } from './commands/resource-create.ts'
import { resourceList } from './commands/resource-list.ts'
import { serve } from './commands/serve.ts'
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
  clientDisable,
  clientEnable,
  resourceCreate,
  resourceList,
  grant,
  keyList,
  keyRotate,
  masterKeyAdd,
  backup,
  token,
  fetchCommand,
  inspect,
  doctor,
]
