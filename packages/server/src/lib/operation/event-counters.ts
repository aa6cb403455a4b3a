import type { ServerEvent } from '../events.ts'
import type { MetricFamily } from './open-metrics.ts'

/** Counts events since the start of the process. */
export interface EventCounters {
  record(event: ServerEvent): void
  families(): readonly MetricFamily[]
}

/**
 * Counters of what a server did. Labels are names of this server's own catalogues, never of a request
 * nor of a client: however many of those there are, the series stay as many.
 */
export function eventCounters(): EventCounters {
  const issued = counter('method', 'format')
  const refused = counter('endpoint', 'reason')
  const introspected = counter('result')
  const revoked = counter()
  const reported = counter()
  const failed = counter()
  const stores = counter('part')
  return {
    record(event) {
      switch (event.type) {
        case 'token.issued':
          return issued.add(event.method, event.kid === undefined ? 'opaque' : 'jwt')
        case 'token.refused':
        case 'introspection.refused':
        case 'revocation.refused':
        case 'usage.refused':
          return refused.add(event.type.slice(0, event.type.indexOf('.')), event.reason)
        case 'token.introspected':
          return introspected.add(event.result)
        case 'token.revoked':
          return revoked.add()
        case 'usage.reported':
          return reported.add()
        case 'request.failed':
          return failed.add()
        case 'snapshot.failed':
          return stores.add('registry')
        case 'store.failed':
          return stores.add(event.part)
        default:
          return undefined
      }
    },
    families: () => [
      issued.family('countersign_tokens_issued', 'Tokens issued.'),
      refused.family('countersign_requests_refused', 'Requests of clients that were refused.'),
      introspected.family('countersign_introspections', 'Introspections, by their exact result.'),
      revoked.family('countersign_tokens_revoked', 'Tokens that clients ended.'),
      reported.family('countersign_usage_reports', 'Reports of APIs on the scopes used at them.'),
      failed.family('countersign_requests_failed', 'Requests answered with 500 or 503.'),
      stores.family('countersign_store_failures', 'Times that a part of the store failed.'),
    ],
  }
}

interface Counter {
  add(...values: readonly string[]): void
  family(name: string, help: string): MetricFamily
}

function counter(...labels: readonly string[]): Counter {
  const counts = new Map<string, number>()
  // Without labels there is one series, and it is there from the start.
  if (labels.length === 0) counts.set('', 0)
  return {
    add(...values) {
      const key = values.join(' ')
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    family(name, help) {
      const samples = Array.from(counts, ([key, value]) => {
        const values = key.split(' ')
        const named = labels.map((label, index) => [label, values[index] ?? ''])
        return { labels: Object.fromEntries(named) as Record<string, string>, value }
      })
      return { name, type: 'counter', help, samples }
    },
  }
}
