import { describe, expect, it } from 'vitest'
import { recordingMeter } from '../../../test/recording-telemetry.ts'
import { TransportError } from '../errors/token-error.ts'
import type { ClientEvent } from '../events.ts'
import { clientMetrics } from './client-metrics.ts'

const down = new TransportError('ERR_NETWORK', 'marker', { phase: 'token' })

const told: [ClientEvent, readonly [string, number, Record<string, unknown>] | undefined][] = [
  [
    { type: 'token.requested', cause: 'ahead' },
    ['token.requests', 1, { 'oauth.request.cause': 'ahead' }],
  ],
  [
    { type: 'token.obtained', expiresAt: 1, scope: ['marker'], duration: 250 },
    ['token.duration', 0.25, {}],
  ],
  [
    { type: 'token.failed', error: down, background: true },
    [
      'token.failures',
      1,
      {
        'error.type': 'ERR_NETWORK',
        'countersign.retryable': true,
        'countersign.background': true,
      },
    ],
  ],
  [
    { type: 'token.failed', error: new Error('marker'), background: false },
    ['token.failures', 1, { 'error.type': '_OTHER', 'countersign.background': false }],
  ],
  [{ type: 'token.refused', origin: 'https://marker.example' }, ['token.refused', 1, {}]],
  [{ type: 'renewal.paused', until: 1 }, ['renewal.pauses', 1, {}]],
  [
    { type: 'budget.exceeded', requests: 13, perHour: 12, blocked: true },
    ['budget.exceeded', 1, { 'countersign.blocked': true }],
  ],
  [{ type: 'token.shared', expiresAt: 1, waited: 2 }, ['token.shared', 1, {}]],
  [
    { type: 'store.failed', operation: 'get', error: new Error('marker') },
    ['store.failures', 1, { 'countersign.operation': 'get' }],
  ],
  [{ type: 'something.else' } as never, undefined],
]

describe('clientMetrics', () => {
  it.each(told)('counts %o', (event, measurement) => {
    const { meter, measured } = recordingMeter()
    clientMetrics(meter, { attributes: { client: 'billing' } })(event)
    if (measurement === undefined) {
      expect(measured).toEqual([])
      return
    }
    const [name, value, attributes] = measurement
    expect(measured).toEqual([
      [`countersign.client.${name}`, value, { client: 'billing', ...attributes }],
    ])
    expect(JSON.stringify(measured)).not.toContain('marker')
  })

  it('refuses wrong arguments at once', () => {
    const { meter } = recordingMeter()
    expect(() => clientMetrics(undefined as never)).toThrow("clientMetrics: 'meter'")
    expect(() => clientMetrics(meter, { attribute: {} } as never)).toThrow(
      "did you mean 'attributes'",
    )
    expect(() => clientMetrics(meter, { attributes: 1 } as never)).toThrow("'attributes'")
  })
})
