import { parseArgs } from 'node:util'
import { inOwnProcess } from './lib/in-own-process.ts'
import { formatResult, machine, type Suite, type SuiteResult } from './lib/report.ts'
import { attach } from './suites/attach.ts'
import { coldCallers } from './suites/cold-callers.ts'
import { guardedApi } from './suites/guarded-api.ts'
import { heldToken } from './suites/held-token.ts'
import { importCost } from './suites/import-cost.ts'
import { interceptor } from './suites/interceptor.ts'
import { issueCluster } from './suites/issue-cluster.ts'
import { issueMemory } from './suites/issue-memory.ts'
import { issueOpaque } from './suites/issue-opaque.ts'
import { issuePostgres } from './suites/issue-postgres.ts'
import { issueRs256 } from './suites/issue-rs256.ts'
import { issueTls } from './suites/issue-tls.ts'
import { issue } from './suites/issue.ts'
import { keyFlood } from './suites/key-flood.ts'
import { keyRotation } from './suites/key-rotation.ts'
import { manyClients } from './suites/many-clients.ts'
import { renewal } from './suites/renewal.ts'
import { start } from './suites/start.ts'
import { secretCheck } from './suites/secret-check.ts'
import { sharedStore } from './suites/shared-store.ts'
import { tenants } from './suites/tenants.ts'
import { tokenRequest } from './suites/token-request.ts'
import { verifySeen, verifySeenEs256 } from './suites/verify-seen.ts'
import { verify } from './suites/verify.ts'

const SUITES: readonly Suite[] = [
  heldToken,
  coldCallers,
  renewal,
  tokenRequest,
  attach,
  interceptor,
  importCost,
  tenants,
  sharedStore,
  issue,
  issueOpaque,
  issueRs256,
  issueCluster,
  issuePostgres,
  issueTls,
  issueMemory,
  manyClients,
  secretCheck,
  start,
  verify,
  keyRotation,
  keyFlood,
  verifySeen,
  verifySeenEs256,
  guardedApi,
]

const HELP = `npm run bench [-- --quick] [-- --only NAME] [-- --json]

Measures our hot paths beside the bare work that nobody can avoid (the floor), in one run, round by
round, and prints ratios. Quick takes about five minutes, the full run half an hour.

  --quick      fewer rounds
  --only NAME  one suite: ${SUITES.map(({ name }) => name).join(', ')}
  --json       one JSON document instead of tables
`

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
const chosen = SUITES.filter(({ name }) => values.only === undefined || values.only === name)

if (values.help || chosen.length === 0) {
  console.log(HELP)
  process.exitCode = values.help ? 0 : 2
} else {
  const say = (text: string): void => {
    if (!values.json) console.log(text)
  }
  for (const [name, text] of Object.entries(machine())) say(`${name}: ${text}`)
  say('')
  const results: SuiteResult[] = []
  for (const suite of chosen) {
    const found =
      values.only === undefined
        ? await inOwnProcess(suite.name, values.quick)
        : await suite.run(values.quick)
    for (const result of found) {
      results.push(result)
      say(formatResult(result))
    }
  }
  if (values.json) console.log(JSON.stringify({ machine: machine(), results }, null, 2))
}
