import { describe, expect, it } from 'vitest'
import { recordingMeter, type Measurement } from '../../../test/recording-meter.ts'
import type { AllowedEvent, GuardEvent } from '../guard/guard-event.ts'
import { guardMetrics } from './guard-metrics.ts'

const allowed: AllowedEvent = {
  type: 'allowed',
  kind: 'client',
  clientId: 'billing',
  issuer: 'https://as.example',
  audience: ['marker'],
  scopes: ['marker'],
  duration: 250,
}
const issuer = 'https://as.example'
const ofIssuer = { 'countersign.issuer': issuer }
const client = { ...ofIssuer, 'oauth.client_id': 'billing' }

const told: [GuardEvent, readonly Measurement[]][] = [
  [
    allowed,
    [
      ['verdicts', 1, { 'countersign.outcome': 'allowed', ...client }],
      ['verdict.duration', 0.25, {}],
    ],
  ],
  [
    { type: 'denied', reason: 'bad_signature', status: 401, issuer, clientId: undefined },
    [
      [
        'verdicts',
        1,
        {
          'countersign.outcome': 'denied',
          'countersign.reason': 'bad_signature',
          ...ofIssuer,
        },
      ],
    ],
  ],
  [
    {
      type: 'denied',
      reason: 'unknown_issuer',
      status: 401,
      issuer: undefined,
      clientId: undefined,
    },
    [['verdicts', 1, { 'countersign.outcome': 'denied', 'countersign.reason': 'unknown_issuer' }]],
  ],
  [
    { type: 'would_deny', reason: 'insufficient_scope', status: 403, issuer, clientId: 'billing' },
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
  [
    { type: 'loaded', document: 'keys', issuer },
    [['loads', 1, { 'countersign.document': 'keys', ...ofIssuer }]],
  ],
  [
    {
      type: 'load_failed',
      document: 'metadata',
      fault: 'network',
      failures: 1,
      retryAt: 2,
      issuer,
    },
    [['loads', 1, { 'countersign.document': 'metadata', 'error.type': 'network', ...ofIssuer }]],
  ],
  [
    { type: 'introspected', active: false, duration: 20, issuer },
    [
      ['introspections', 1, { 'countersign.active': false, ...ofIssuer }],
      ['introspection.duration', 0.02, ofIssuer],
    ],
  ],
  [
    { type: 'introspection_failed', fault: 'unauthorized', failures: 1, retryAt: 2, issuer },
    [['introspections', 1, { 'error.type': 'unauthorized', ...ofIssuer }]],
  ],
  [
    { type: 'answer_shared', active: true, age: 20, issuer },
    [['shared_answers', 1, { 'countersign.active': true, ...ofIssuer }]],
  ],
  [
    { type: 'sharing_failed', operation: 'read', fault: 'timeout', retryAt: 2, issuer },
    [
      [
        'shared_answers',
        1,
        { 'countersign.operation': 'read', 'error.type': 'timeout', ...ofIssuer },
      ],
    ],
  ],
  [{ type: 'query_token' }, [['query_tokens', 1, {}]]],
  [{ type: 'replay_unchecked', issuer, clientId: 'billing' }, [['unchecked_proofs', 1, client]]],
  [
    { type: 'revocations_loaded', source: 'feed', issuer },
    [['loads', 1, { 'countersign.document': 'feed', ...ofIssuer }]],
  ],
  [
    {
      type: 'revocations_failed',
      source: 'hook',
      fault: 'timeout',
      failures: 1,
      retryAt: 2,
      issuer,
    },
    [['loads', 1, { 'countersign.document': 'hook', 'error.type': 'timeout', ...ofIssuer }]],
  ],
  [
    { type: 'unchecked', source: 'feed', issuer, clientId: 'billing' },
    [['unchecked', 1, { 'countersign.document': 'feed', ...ofIssuer }]],
  ],
  [{ type: 'stale', document: 'keys', staleUntil: 1, issuer }, []],
  [{ type: 'unpinned_keys', document: 'keys', count: 1, issuer }, []],
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
    count({ type: 'denied', reason: 'expired', status: 401, issuer, clientId: 'a' })
    for (const clientId of ['b', 'c', 'd', 'a']) count({ ...allowed, clientId })
    count({ type: 'would_deny', reason: 'expired', status: 401, issuer, clientId: 'e' })
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
