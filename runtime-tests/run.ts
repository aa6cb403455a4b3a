// Started by a runtime with the surroundings as its argument: prints the results as JSON.
import { GUARD_CHECKS } from './guard-suite.ts'
import { REVOCATION_CHECKS } from './revocation-suite.ts'
import { USAGE_CHECKS } from './usage-suite.ts'
import { SIGNATURE_CHECKS } from './signature-suite.ts'
import { runSuite, type Surroundings } from './suite.ts'

const { argv } = (globalThis as unknown as { process: { argv: string[] } }).process
const surroundings = JSON.parse(argv[2] ?? '{}') as Surroundings
const results = await runSuite(surroundings, {
  ...GUARD_CHECKS,
  ...REVOCATION_CHECKS,
  ...SIGNATURE_CHECKS,
  ...USAGE_CHECKS,
})
console.log(JSON.stringify(results))
