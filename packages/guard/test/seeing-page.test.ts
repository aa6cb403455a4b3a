import { readFileSync } from 'node:fs'
import type { GuardEvent } from '@countersign/guard'
import { guardMetrics, type TelemetryMeter } from '@countersign/guard/opentelemetry'
import type { ScopeUsageEvent } from '@countersign/guard/usage'
import { describe, expect, it } from 'vitest'

const PAGE = readFileSync(new URL('../../../docs/guard/seeing.md', import.meta.url), 'utf8')

/** Complete by its type: an event that is added must be added here, and then to the page. */
const EVENTS: Readonly<Record<GuardEvent['type'], true>> = {
  allowed: true,
  denied: true,
  would_deny: true,
  query_token: true,
  replay_unchecked: true,
  rebuilt: true,
  loaded: true,
  load_failed: true,
  stale: true,
  unpinned_keys: true,
  introspected: true,
  introspection_failed: true,
  answer_shared: true,
  sharing_failed: true,
  revocations_loaded: true,
  revocations_failed: true,
  unchecked: true,
}

const REPORT_EVENTS: Readonly<Record<ScopeUsageEvent['type'], true>> = {
  usage_reported: true,
  usage_failed: true,
  usage_dropped: true,
}

/** The names in the first column of the table that has `heading` there. */
function firstColumn(heading: string): string[] {
  const [, table = ''] = PAGE.split(`\n| ${heading} |`)
  const [rows = ''] = table.split('\n\n')
  return Array.from(rows.matchAll(/^\| `([^`]+)` \|/gm), ([, name]) => name ?? '')
}

describe('docs/guard/seeing.md', () => {
  it('has every event, and no other', () => {
    expect(firstColumn('Event').toSorted()).toEqual(Object.keys(EVENTS).toSorted())
    expect(firstColumn('Report').toSorted()).toEqual(Object.keys(REPORT_EVENTS).toSorted())
  })

  it('has every metric with its unit, and no other', () => {
    const made: string[] = []
    const unitOf = new Map<string, string | undefined>()
    const make = (name: string, options?: { readonly unit?: string }): void => {
      made.push(name.replace('countersign.guard.', ''))
      unitOf.set(made.at(-1) ?? '', options?.unit)
    }
    const meter: TelemetryMeter = {
      createCounter: (name, options) => (make(name, options), { add() {} }),
      createHistogram: (name, options) => (make(name, options), { record() {} }),
    }
    guardMetrics(meter)
    expect(firstColumn('Metric').toSorted()).toEqual(made.toSorted())
    for (const [name, unit] of unitOf) expect(PAGE).toContain(`| \`${name}\` | \`${unit}\` |`)
  })
})
