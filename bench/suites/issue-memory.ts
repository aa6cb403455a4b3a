import { MEBIBYTE, startChildServer, type ChildServer } from '../lib/child-server.ts'
import { startCommand } from '../lib/command-server.ts'
import { coresText } from '../lib/cores.ts'
import { atMost, type Goal } from '../lib/goals.ts'
import { load, LOAD_TOOL, type LoadResult } from '../lib/load.ts'
import { isBuilt } from '../lib/published.ts'
import type { Suite, SuiteResult } from '../lib/report.ts'
import type { Contestant } from '../lib/rounds.ts'
import type { ServerMeasurement } from '../lib/server-rounds.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const TITLE = 'Memory and latency after many tokens'

/** What servers weigh after so many tokens, and whether their latency stays as it was. */
export const issueMemory: Suite = {
  name: 'issue-memory',
  async run(quick) {
    if (!isBuilt()) {
      const conditions = 'skipped: the packages are not built (npm run build)'
      return [{ title: TITLE, conditions, measurements: [] }]
    }
    const folder = await mkdtemp(join(tmpdir(), 'bench-memory-'))
    try {
      return [await inTurn(folder, quick)]
    } finally {
      await rm(folder, { recursive: true })
    }
  },
}

/** How docs/operations.md keeps a server small. */
const SMALL = { NODE_OPTIONS: '--max-semi-space-size=2' }

async function inTurn(folder: string, quick: boolean): Promise<SuiteResult> {
  const child =
    (script: string, env = {}) =>
    (): Promise<ChildServer> =>
      startChildServer(script, { built: true, pin: true, env })
  const starters = [
    { name: 'bare node:http', role: 'floor', start: child('floor-issuer.ts') },
    { name: '@countersign/server', role: 'ours', start: child('our-issuer.ts') },
    {
      name: 'countersign serve, SQLite',
      role: 'ours',
      start: () => startCommand(join(folder, 'registry.db'), { pin: true }),
    },
    {
      name: 'the server with --max-semi-space-size=2',
      role: 'ours',
      start: child('our-issuer.ts', SMALL),
    },
    {
      name: 'serve with --max-semi-space-size=2',
      role: 'ours',
      start: () => startCommand(join(folder, 'small.db'), { pin: true, env: SMALL }),
    },
    ...(quick
      ? []
      : ([
          { name: '@jmondi/oauth2-server', role: 'peer', start: child('jmondi-issuer.ts') },
          { name: 'oidc-provider', role: 'peer', start: child('oidc-provider-issuer.ts') },
        ] as const)),
  ] as const
  const tokens = quick ? 3000 : 100_000
  const servers: ServerMeasurement[] = []
  const goals: Goal[] = []
  for (const { start, ...contestant } of starters) {
    await using server = await start()
    const { measurement, firstP99 } = await issueMany(contestant, server, tokens, quick ? 1 : 4)
    const floor = servers[0] ?? measurement
    servers.push({
      ...measurement,
      rateRatio: measurement.answersPerSecond / floor.answersPerSecond,
      cpuRatio: measurement.cpuMicroseconds / floor.cpuMicroseconds,
      p99Ratio: measurement.p99 / floor.p99,
    })
    if (contestant.role !== 'ours') continue
    goals.push(
      atMost(`MiB of ${contestant.name} before`, measurement.idleMebibytes, 66),
      atMost(`MiB of ${contestant.name} after`, measurement.loadedMebibytes, 95),
      atMost(`last p99 of ${contestant.name} over its first`, measurement.p99 / firstP99, 1.3),
    )
  }
  return {
    title: TITLE,
    conditions: `built output, ES256, at least ${tokens.toLocaleString('en')} tokens each, one server after the other; 32 connections by ${LOAD_TOOL}; ${coresText()}; latencies of the last seconds`,
    measurements: [],
    servers,
    goals,
  }
}

async function issueMany(
  contestant: Pick<Contestant, 'name' | 'role'>,
  server: ChildServer,
  tokens: number,
  seconds: number,
): Promise<{ readonly measurement: ServerMeasurement; readonly firstP99: number }> {
  const { port, requests = [] } = server.ready
  const idle = await server.usage()
  const results: LoadResult[] = []
  let answers = 0
  do {
    const result = await load(port, requests, { connections: 32, seconds })
    if (result.failures > 0) throw new Error(`${contestant.name}: answers that were not 200`)
    results.push(result)
    answers += result.answers
  } while (answers < tokens)
  const loaded = await server.usage()
  const last = results.at(-1)
  const milliseconds = results.reduce((sum, one) => sum + one.milliseconds, 0)
  return {
    // The first burst has the compiler at work in it.
    firstP99: (results[1] ?? results[0])?.p99 ?? NaN,
    measurement: {
      ...contestant,
      answersPerSecond: (answers / milliseconds) * 1000,
      rateRatio: NaN,
      cpuMicroseconds: (loaded.cpuMicroseconds - idle.cpuMicroseconds) / answers,
      cpuRatio: NaN,
      p50: last?.p50 ?? NaN,
      p99: last?.p99 ?? NaN,
      p99Ratio: NaN,
      answers,
      idleMebibytes: idle.residentBytes / MEBIBYTE,
      loadedMebibytes: loaded.residentBytes / MEBIBYTE,
    },
  }
}
