import { cpus } from 'node:os'
import { formatGoal, type Goal } from './goals.ts'
import type { Measurement } from './rounds.ts'
import type { ServerMeasurement } from './server-rounds.ts'

/** What a suite found. */
export interface SuiteResult {
  readonly title: string
  /** What was done, in one line. */
  readonly conditions: string
  readonly measurements: readonly Measurement[]
  /** Of servers under load. */
  readonly servers?: readonly ServerMeasurement[]
  readonly goals?: readonly Goal[]
}

/** A suite: a name for `--only`, and the work. */
export interface Suite {
  readonly name: string
  run(quick: boolean): Promise<readonly SuiteResult[]>
}

/** The machine and versions, without which no figure means anything. */
export function machine(): Readonly<Record<string, string>> {
  const cores = cpus()
  return {
    cpu: `${cores[0]?.model ?? 'unknown'}, ${cores.length} cores`,
    node: process.version,
    openssl: process.versions.openssl ?? '',
    v8: process.versions.v8,
  }
}

/** A suite's result as a table for people. */
export function formatResult({
  title,
  conditions,
  measurements,
  servers = [],
  goals = [],
}: SuiteResult): string {
  const parts = [`${title}\n  ${conditions}`]
  if (measurements.length > 0) parts.push(table(measurementRows(measurements)))
  if (servers.length > 0) parts.push(table(serverRows(servers)))
  if (goals.length > 0) parts.push(goals.map((goal) => `  ${formatGoal(goal)}`).join('\n'))
  return `${parts.join('\n\n')}\n`
}

type Rows = readonly (readonly string[])[]

function measurementRows(measurements: readonly Measurement[]): Rows {
  const head = ['', 'what', 'median', 'spread', 'best', 'x floor']
  const rows = measurements.map(({ name, role, nanoseconds, spread, best, ratio }) => [
    role,
    name,
    duration(nanoseconds),
    `±${Math.round(spread * 100)} %`,
    duration(best),
    `${ratio.toFixed(2)}x`,
  ])
  return [head, ...rows]
}

function serverRows(servers: readonly ServerMeasurement[]): Rows {
  const head = ['', 'what', 'per second', 'x floor', 'CPU each', 'x floor', 'p50', 'p99', 'memory']
  const rows = servers.map((one) => [
    one.role,
    one.name,
    one.answersPerSecond.toFixed(0),
    `${one.rateRatio.toFixed(2)}x`,
    `${one.cpuMicroseconds.toFixed(0)} us`,
    `${one.cpuRatio.toFixed(2)}x`,
    `${one.p50.toFixed(1)} ms`,
    `${one.p99.toFixed(1)} ms`,
    `${one.idleMebibytes.toFixed(0)} -> ${one.loadedMebibytes.toFixed(0)} MiB`,
  ])
  return [head, ...rows]
}

function table(rows: Rows): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  return rows
    .map((row) => row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join('  '))
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n')
}

function align(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width)
}

function duration(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`
  if (nanoseconds >= 1e7) return `${(nanoseconds / 1e6).toFixed(1)} ms`
  return `${(nanoseconds / 1000).toFixed(1)} us`
}
