import { describe, expect, it } from 'vitest'
import { recordingMeter, type Measurement } from '../../../test/recording-meter.ts'
import type { AllowedEvent, GuardEvent } from '../guard/guard-event.ts'
import { guardMetrics } from './guard-metrics.ts'

const allowed: AllowedEvent = {
  type: 'allowed',
  kind: 'client',
  clientId: 'billing',
  issuer: 'marker',
  audience: ['marker'],
  scopes: ['marker'],
  duration: 250,
}
const client = { 'oauth.client_id': 'billing' }

const told: [GuardEvent, readonly Measurement[]][] = [
  [
    allowed,
    [
      ['verdicts', 1, { 'countersign.outcome': 'allowed', ...client }],
      ['verdict.duration', 0.25, {}],
    ],
  ],
  [
    { type: 'denied', reason: 'bad_signature', status: 401, clientId: undefined },
    [['verdicts', 1, { 'countersign.outcome': 'denied', 'countersign.reason': 'bad_signature' }]],
  ],
  [
    { type: 'would_deny', reason: 'insufficient_scope', status: 403, clientId: 'billing' },
    [
      [
        'verdicts',
        1,
        {
          'countersign.outcome': 'would_deny',
          'countersign.reason': 'insufficient_scope',
          ...client,
        },
      ],
    ],
  ],
  [{ type: 'loaded', document: 'keys' }, [['loads', 1, { 'countersign.document': 'keys' }]]],
  [
    { type: 'load_failed', document: 'metadata', fault: 'network', failures: 1, retryAt: 2 },
    [['loads', 1, { 'countersign.document': 'metadata', 'error.type': 'network' }]],
  ],
  [
    { type: 'introspected', active: false, duration: 20 },
    [
      ['introspections', 1, { 'countersign.active': false }],
      ['introspection.duration', 0.02, {}],
    ],
  ],
  [
    { type: 'introspection_failed', fault: 'unauthorized', failures: 1, retryAt: 2 },
    [['introspections', 1, { 'error.type': 'unauthorized' }]],
  ],
  [{ type: 'query_token' }, [['query_tokens', 1, {}]]],
  [
    { type: 'replay_unchecked', clientId: 'billing' },
    [['unchecked_proofs', 1, { 'oauth.client_id': 'billing' }]],
  ],
  [{ type: 'stale', document: 'keys', staleUntil: 1 }, []],
  [{ type: 'unpinned_keys', document: 'keys', count: 1 }, []],
  [{ type: 'rebuilt', guards: 100 }, []],
  [{ type: 'something.else' } as never, []],
]

describe('guardMetrics', () => {
  it.each(told)('counts %o', (event, measurements) => {
    const { meter, measured } = recordingMeter()
    guardMetrics(meter, { attributes: { api: 'orders' } })(event)
    expect(measured).toEqual(
      measurements.map(([name, value, attributes]) => [
        `countersign.guard.${name}`,
        value,
        { api: 'orders', ...attributes },
      ]),
    )
    expect(JSON.stringify(measured)).not.toContain('marker')
  })

  it('has an end to the clients it tells apart, over all outcomes', () => {
    const { meter, measured } = recordingMeter()
    const count = guardMetrics(meter, { maxClients: 2 })
    count({ type: 'denied', reason: 'expired', status: 401, clientId: 'a' })
    for (const clientId of ['b', 'c', 'd', 'a']) count({ ...allowed, clientId })
    count({ type: 'would_deny', reason: 'expired', status: 401, clientId: 'e' })
    const labels = measured.flatMap(([, , attributes]) => attributes?.['oauth.client_id'] ?? [])
    expect(labels).toEqual(['a', 'b', '_OTHER', '_OTHER', 'a', '_OTHER'])
  })

  it('refuses wrong arguments at once', () => {
    const { meter } = recordingMeter()
    expect(() => guardMetrics(undefined as never)).toThrow("guardMetrics: 'meter'")
    expect(() => guardMetrics(meter, { attribute: {} } as never)).toThrow(
      "did you mean 'attributes'",
    )
    expect(() => guardMetrics(meter, { attributes: 1 } as never)).toThrow("'attributes'")
    expect(() => guardMetrics(meter, { maxClients: 10_001 })).toThrow("'maxClients'")
  })
})
