import { MEBIBYTE, startChildServer, type ChildServer } from './child-server.ts'
import { load, type LoadResult } from './load.ts'
import { median, pairedRatio, type Contestant } from './rounds.ts'

/** A server that takes part in a comparison. */
export interface ServerContestant extends Pick<Contestant, 'name' | 'role'> {
  /** Of `bench/servers`. */
  readonly script: string
  readonly args?: readonly string[]
}

/** What a server did under load: medians over the rounds. */
export interface ServerMeasurement extends Pick<Contestant, 'name' | 'role'> {
  readonly answersPerSecond: number
  /** Median of its rate over the floor's in the same round: below 1 is slower. */
  readonly rateRatio: number
  readonly cpuMicroseconds: number
  /** Median of its CPU time for an answer over the floor's in the same round: above 1 is dearer. */
  readonly cpuRatio: number
  /** Latencies in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly p99Ratio: number
  /** Answers over all rounds, the one that warms up included. */
  readonly answers: number
  /** Resident memory before the first request and after the last, in MiB. */
  readonly idleMebibytes: number
  readonly loadedMebibytes: number
}

/** The figures of one server. */
export function figuresOf(
  servers: readonly ServerMeasurement[],
  role: Contestant['role'],
  name?: string,
): ServerMeasurement {
  const found = servers.find((one) => one.role === role && (name ?? one.name) === one.name)
  if (found === undefined) throw new Error(`no ${name ?? role} was measured`)
  return found
}

/**
 * Starts servers and puts them under the same load in turn, round by round, so that a machine that slows down slows
 * all of them. The first round warms up and does not count. Throws where an answer is no success.
 */
export async function measureServers(
  contestants: readonly ServerContestant[],
  {
    rounds,
    seconds,
    connections,
    meanwhile,
    pin = true,
  }: {
    readonly rounds: number
    readonly seconds: number
    readonly connections: number
    /** Told of each load as it begins. */
    readonly meanwhile?: (contestant: RunningContestant, load: Promise<unknown>) => Promise<void>
    /** Keep servers and load on a core each. Default true. */
    readonly pin?: boolean
  },
): Promise<readonly ServerMeasurement[]> {
  await using stack = new AsyncDisposableStack()
  const running: RunningContestant[] = []
  for (const { name, role, script, args = [] } of contestants) {
    running.push({ name, role, server: stack.use(await startChildServer(script, { args, pin })) })
  }
  const taken = running.map((): Round[] => [])
  const idle = await Promise.all(running.map(({ server }) => server.usage()))
  const answers = running.map(() => 0)
  for (let round = 0; round <= rounds; round++) {
    for (const [index, contestant] of running.entries()) {
      const { name, server } = contestant
      const before = await server.usage()
      const { port, requests = [] } = server.ready
      const loading = load(port, requests, { connections, seconds, pin })
      if (round > 0) await meanwhile?.(contestant, loading)
      const result = await loading
      if (result.failures > 0) throw new Error(`${name}: ${result.failures} answers were not 200`)
      const used = (await server.usage()).cpuMicroseconds - before.cpuMicroseconds
      answers[index] = (answers[index] ?? 0) + result.answers
      if (round > 0) taken[index]?.push({ ...result, cpu: used / result.answers })
    }
  }
  const loaded = await Promise.all(running.map(({ server }) => server.usage()))
  const floor = taken[running.findIndex(({ role }) => role === 'floor')] ?? []
  return running.map(({ name, role }, index): ServerMeasurement => {
    const own = taken[index] ?? []
    const of = (what: (round: Round) => number): [number, number] => {
      const mine = own.map(what)
      return [median(mine), pairedRatio(mine, floor.map(what))]
    }
    const [answersPerSecond, rateRatio] = of((one) => (one.answers / one.milliseconds) * 1000)
    const [cpuMicroseconds, cpuRatio] = of(({ cpu }) => cpu)
    const [p99, p99Ratio] = of((one) => one.p99)
    return {
      name,
      role,
      answersPerSecond,
      rateRatio,
      cpuMicroseconds,
      cpuRatio,
      p50: of((one) => one.p50)[0],
      p99,
      p99Ratio,
      answers: answers[index] ?? 0,
      idleMebibytes: (idle[index]?.residentBytes ?? NaN) / MEBIBYTE,
      loadedMebibytes: (loaded[index]?.residentBytes ?? NaN) / MEBIBYTE,
    }
  })
}

/** A contestant whose server is up. */
export interface RunningContestant extends Pick<Contestant, 'name' | 'role'> {
  readonly server: ChildServer
}

interface Round extends LoadResult {
  readonly cpu: number
}
