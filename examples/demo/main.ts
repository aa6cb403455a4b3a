/**
 * The whole flow, told as it happens: three parties, each a process of its own.
 *
 * Ends with 0 only if every step did what it says. `--break STEP` makes one go wrong on purpose.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { narrate } from './narration.ts'
import { countersign, endAll, startBilling, startOrdersApi, startServer } from './processes.ts'
import { BREAKABLE, tell } from './story.ts'

const RESOURCE = 'https://orders.example'

const { values } = parseArgs({ options: { break: { type: 'string' } } })
const broken = values.break
if (broken !== undefined && !BREAKABLE.includes(broken)) {
  console.error(
    `error: there is no step '${broken}' to break\ncure: one of ${BREAKABLE.join(', ')}`,
  )
  process.exit(2)
}

const began = performance.now()
const narration = narrate()
const folder = await mkdtemp(join(tmpdir(), 'countersign-demo-'))
process.exitCode = 1
try {
  const db = join(folder, 'registry.db')
  narration.step('Three processes', 'an authorization server on SQLite, a guarded API, a service')
  const scopes = ['--scope', 'orders:read', '--scope', 'orders:write']
  // The registry is ready before the server is: what changes later is seen within a second.
  await countersign(
    'resource',
    'create',
    RESOURCE,
    ...scopes,
    '--lifetime',
    '8',
    '--db',
    db,
    '--create',
  )
  narration.say(
    `countersign resource create  ${RESOURCE}: orders:read orders:write, tokens live 8 s`,
  )
  const secretFile = join(folder, 'billing.secret')
  await countersign('client', 'create', 'billing', '--secret-file', secretFile, '--db', db)
  const secret = (await readFile(secretFile, 'utf8')).trim()
  narration.say(
    `countersign client create    billing; its secret ${secret.slice(0, 8)}… is in a file`,
  )
  await countersign('grant', 'billing', RESOURCE, 'orders:read', '--db', db)
  narration.say('countersign grant            billing may orders:read, and nothing else')
  const server = await startServer(db, 0)
  narration.say(`countersign serve            ready as ${server.issuer}`)
  const api = await startOrdersApi(server.issuer, RESOURCE)
  const environment = {
    ISSUER: server.issuer,
    ORDERS: api,
    RESOURCE,
    CLIENT_SECRET: broken === 'first-call' ? 'wrong' : secret,
    KEEP: broken === 'many-calls' ? 'no' : 'yes',
  }
  const billing = await startBilling(environment)
  narration.check('all three run', true)

  await tell({ narration, server, billing, db, environment, broken })
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  console.log(
    narration.failures === 0
      ? `\nEvery step did what it says, in ${seconds} s. Next: docs/tour.md`
      : `\n${narration.failures} steps did not do what they say.`,
  )
  process.exitCode = narration.failures === 0 ? 0 : 1
} catch (error) {
  console.error(
    `\nThe demo could not go on: ${error instanceof Error ? error.message : String(error)}`,
  )
} finally {
  await endAll()
  await rm(folder, { recursive: true, force: true })
}
