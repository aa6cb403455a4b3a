import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { formatMasterKeys } from '@countersign/server'
import { MEBIBYTE, startChildServer, type ChildServer } from '../lib/child-server.ts'
import { startCommand } from '../lib/command-server.ts'
import { firstTokenAfter } from '../lib/first-token.ts'
import { atMost } from '../lib/goals.ts'
import { isBuilt } from '../lib/published.ts'
import type { Suite, SuiteResult } from '../lib/report.ts'
import { median, summarize, type Contestant } from '../lib/rounds.ts'
import { makeRegistry } from '../servers/our-registry.ts'

/** From the start of a process to its first token, and what it weighs then. */
export const start: Suite = {
  name: 'start',
  async run(quick) {
    if (!isBuilt()) {
      const conditions = 'skipped: the packages are not built (npm run build)'
      return [{ title: TITLE, conditions, measurements: [] }]
    }
    const folder = await mkdtemp(join(tmpdir(), 'bench-start-'))
    try {
      return [await emptyStores(folder, quick), await manyClients(folder, quick)]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

const TITLE = 'From the start of the process to its first token'
const CLIENTS = 10_000

interface Starter extends Pick<Contestant, 'name' | 'role'> {
  start(round: number): Promise<ChildServer>
}

async function emptyStores(folder: string, quick: boolean): Promise<SuiteResult> {
  const child = (script: string) => (): Promise<ChildServer> =>
    startChildServer(script, { built: true })
  const result = await startInTurn(
    [
      { name: 'bare node:http', role: 'floor', start: child('floor-issuer.ts') },
      { name: '@countersign/server, in memory', role: 'ours', start: child('our-issuer.ts') },
      {
        name: 'countersign serve, a new SQLite file',
        role: 'ours',
        start: (round) => startCommand(join(folder, `new-${round}.db`)),
      },
      { name: '@jmondi/oauth2-server', role: 'peer', start: child('jmondi-issuer.ts') },
      { name: 'oidc-provider', role: 'peer', start: child('oidc-provider-issuer.ts') },
    ],
    quick ? 5 : 9,
  )
  const library = result.measurements[1]
  return {
    title: TITLE,
    conditions: `built output, unpinned; resident then: ${result.memoryText}`,
    measurements: result.measurements,
    goals: [atMost("time over the floor's", library?.ratio ?? NaN, 1.3)],
  }
}

async function manyClients(folder: string, quick: boolean): Promise<SuiteResult> {
  const ours = join(folder, 'many.db')
  const { store, masterKeys, requests } = await makeRegistry({ clients: CLIENTS, sqlite: ours })
  await store.close()
  const keys = formatMasterKeys(masterKeys)
  const theirs = join(folder, 'theirs.db')
  writeTheirClients(theirs)
  const command = (db: string, known: readonly string[]) => (): Promise<ChildServer> =>
    startCommand(db, { masterKeys: keys, requests: known })
  const result = await startInTurn(
    [
      { name: 'countersign serve', role: 'floor', start: command(ours, requests) },
      {
        name: 'oidc-provider, clients read when asked for',
        role: 'peer',
        start: () => startChildServer('oidc-provider-sqlite.ts', { args: [theirs], built: true }),
      },
    ],
    quick ? 5 : 9,
  )
  const milliseconds = (result.measurements[0]?.nanoseconds ?? NaN) / 1e6
  return {
    title: `The same over SQLite with ${CLIENTS.toLocaleString('en')} clients`,
    conditions: `built output, unpinned; resident then: ${result.memoryText}`,
    measurements: result.measurements,
    goals: [
      atMost('milliseconds to the first token of countersign serve', milliseconds, 500),
      atMost('MiB of countersign serve', result.mebibytes[0] ?? NaN, 100),
    ],
  }
}

async function startInTurn(
  starters: readonly Starter[],
  rounds: number,
): Promise<{
  readonly measurements: SuiteResult['measurements']
  readonly mebibytes: readonly number[]
  readonly memoryText: string
}> {
  const taken = starters.map((): number[] => [])
  const resident = starters.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [index, starter] of starters.entries()) {
      await using server = await starter.start(round)
      const milliseconds = await firstTokenAfter(server)
      const { residentBytes } = await server.usage()
      if (round === 0) continue
      taken[index]?.push(milliseconds * 1e6)
      resident[index]?.push(residentBytes / MEBIBYTE)
    }
  }
  const mebibytes = resident.map(median)
  const memoryText = starters
    .map(({ name }, index) => `${name} ${mebibytes[index]?.toFixed(0)} MiB`)
    .join(', ')
  return { measurements: summarize(starters, taken), mebibytes, memoryText }
}

function writeTheirClients(path: string): void {
  const database = new DatabaseSync(path)
  database.exec('CREATE TABLE clients (id TEXT PRIMARY KEY, metadata TEXT NOT NULL); BEGIN')
  const insert = database.prepare('INSERT INTO clients VALUES (?, ?)')
  for (let index = 0; index < CLIENTS; index++) {
    const client = {
      client_id: `client-${index}`,
      client_secret: `secret-of-client-${index}-0123456789`,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      scope: 'orders:read',
    }
    insert.run(client.client_id, JSON.stringify(client))
  }
  database.exec('COMMIT')
  database.close()
}
