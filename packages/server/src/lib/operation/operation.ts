import type { EventListener, StoreFailed } from '../events.ts'
import type { FetchHandler } from '../http/answer.ts'
import { publishedKeys } from '../keys/key-schedule.ts'
import type { RegistrySnapshot } from '../registry/snapshot.ts'
import type { ServerStore } from '../stores/server-store.ts'
import { auditTrail, type AuditTrail } from './audit-trail.ts'
import { eventCounters } from './event-counters.ts'
import { formatOpenMetrics, OPEN_METRICS_TYPE, type MetricFamily } from './open-metrics.ts'
import { processFamilies } from './process-families.ts'
import { usageTally } from './usage-tally.ts'

/** What runs beside the endpoints: it counts and writes down. */
export interface Operation {
  /** Takes every event, passes it on, and never throws. */
  readonly emit: EventListener
  /** Answers any GET with the metrics. */
  readonly metrics: FetchHandler
  /** Writes what is waiting to the store, and ends. Never rejects. */
  close(): Promise<void>
}

/** What the metrics say of the moment they are asked for. */
export interface Present {
  readonly snapshot: RegistrySnapshot
  readonly lastReadAt: number | undefined
  readonly ready: boolean
  readonly inFlight: number
  /** Whether the store has shown that it tells a first use from a second. */
  readonly replayProven: boolean
}

/** Sets up the operation of a server. `listener` must not throw. */
export function operation({
  store,
  now,
  listener,
  present,
}: {
  readonly store: ServerStore
  readonly now: () => number
  readonly listener: EventListener
  readonly present: () => Present
}): Operation {
  const failing =
    (part: StoreFailed['part']) =>
    (failure: Pick<StoreFailed, 'error' | 'kept' | 'dropped'>): void =>
      emit({ type: 'store.failed', at: now(), part, ...failure })
  const counters = eventCounters()
  const trail = auditTrail({ log: store.audit, now, onFailure: failing('audit') })
  const tally = usageTally({ store: store.usage, onFailure: failing('usage') })
  const emit: EventListener = (event) => {
    counters.record(event)
    trail.record(event)
    tally.record(event)
    listener(event)
  }

  return {
    emit,
    metrics: async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        return new Response(null, { status: 405, headers: { allow: 'GET, HEAD' } })
      }
      const families = [
        ...counters.families(),
        ...trailFamilies(trail),
        ...gauges(present(), now()),
        ...processFamilies(),
      ]
      const headers = { 'content-type': OPEN_METRICS_TYPE, 'cache-control': 'no-store' }
      return new Response(formatOpenMetrics(families), { headers })
    },
    async close() {
      await Promise.all([trail.close(), tally.close()])
    },
  }
}

function trailFamilies(trail: AuditTrail): readonly MetricFamily[] {
  return [
    counter('countersign_audit_entries_dropped', 'Audit entries lost.', trail.dropped),
    counter(
      'countersign_audit_entries_suppressed',
      'Refusals and revocations counted in the audit log and not written one by one.',
      trail.suppressed,
    ),
    gauge('countersign_audit_entries_waiting', 'Audit entries not written yet.', trail.waiting),
  ]
}

function gauges(present: Present, now: number): readonly MetricFamily[] {
  const { snapshot, lastReadAt, ready, inFlight, replayProven } = present
  const keys = publishedKeys(snapshot.signingKeys.values(), now)
  return [
    gauge('countersign_ready', '1 where requests should be sent here.', Number(ready)),
    gauge('countersign_requests_in_flight', 'Requests under way.', inFlight),
    gauge(
      'countersign_replay_proven',
      '1 where client assertions and DPoP can be taken.',
      Number(replayProven),
    ),
    gauge('countersign_registry_revision', 'The revision in memory.', snapshot.revision),
    {
      name: 'countersign_registry_age_seconds',
      type: 'gauge',
      help: 'Time since the registry was last read.',
      samples: lastReadAt === undefined ? [] : [{ value: (now - lastReadAt) / 1000 }],
    },
    gauge('countersign_clients', 'Registered clients, disabled ones too.', snapshot.clients.size),
    gauge('countersign_resources', 'Resources, disabled ones too.', snapshot.resources.size),
    gauge('countersign_revocations', 'Revocation marks in memory.', snapshot.revocations.size),
    {
      name: 'countersign_signing_key_age_seconds',
      type: 'gauge',
      help: 'Age of each published signing key.',
      samples: keys.map(({ kid, alg, createdAt }) => ({
        labels: { kid, alg },
        value: (now - createdAt) / 1000,
      })),
    },
  ]
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name, type: 'gauge', help, samples: [{ value }] }
}

function counter(name: string, help: string, value: number): MetricFamily {
  return { name, type: 'counter', help, samples: [{ value }] }
}
