import { cpus } from 'node:os'
import type { Measurement } from './rounds.ts'

/** What a suite found. */
export interface SuiteResult {
  readonly title: string
  /** What was done, in one line. */
  readonly conditions: string
  readonly measurements: readonly Measurement[]
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
export function formatResult({ title, conditions, measurements }: SuiteResult): string {
  if (measurements.length === 0) return `${title}\n  ${conditions}\n`
  const rows = measurements.map(({ name, role, nanoseconds, spread, best, ratio }) => [
    role,
    name,
    duration(nanoseconds),
    `±${Math.round(spread * 100)} %`,
    duration(best),
    `${ratio.toFixed(2)}x`,
  ])
  const head = ['', 'what', 'median', 'spread', 'best', 'x floor']
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const lines = [head, ...rows].map((row) =>
    row.map((cell, column) => align(cell, widths[column] ?? 0, column)).join('  '),
  )
  return `${title}\n  ${conditions}\n\n${lines.map((line) => `  ${line.trimEnd()}`).join('\n')}\n`
}

function align(cell: string, width: number, column: number): string {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width)
}

function duration(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`
  return `${(nanoseconds / 1000).toFixed(1)} us`
}
