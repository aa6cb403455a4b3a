import { inspect } from 'node:util'
import { createGuard } from '@countersign/guard'
import { guarded } from '@countersign/guard/node'
import { guardMetrics } from '@countersign/guard/opentelemetry'
import { startAuthorizationServer, startListener } from '@countersign/testkit'
import { tokenMint } from '@countersign/testkit/contracts'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { describe, expect, it, onTestFinished } from 'vitest'

const ORDERS = 'https://api.example/orders'
const MARKER = 'marker-77aa0c'

/** The real SDK, keeping what it would have exported. */
function telemetry() {
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const exportIntervalMillis = 3_600_000
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis })
  const metering = new MeterProvider({ readers: [reader] })
  onTestFinished(() => metering.shutdown())
  return {
    meter: metering.getMeter('test'),
    async measured() {
      await reader.forceFlush()
      const all = metrics.getMetrics().at(-1)?.scopeMetrics ?? []
      return new Map(
        all.flatMap((scope) => scope.metrics).map((metric) => [metric.descriptor.name, metric]),
      )
    },
    everything: () => inspect(metrics.getMetrics(), { depth: 20, maxArrayLength: null }),
  }
}

/** Our server, an API of each token format behind a guard that counts, and who calls them. */
async function start(options: { readonly reportOnly?: boolean; readonly maxClients?: number }) {
  const sdk = telemetry()
  const clientIds = ['a', 'b', 'c']
  const running = await startAuthorizationServer({
    resources: [{ resource: ORDERS, scopes: ['read', 'write'], tokenFormat: 'opaque' }],
    clients: [
      ...clientIds.map((clientId) => ({
        clientId,
        grants: [{ resource: ORDERS, scopes: ['read'] }],
      })),
      { clientId: 'orders-api', grants: [] },
    ],
  })
  onTestFinished(() => running.close())
  const introspectionClients = ['orders-api']
  await running.administration.updateResource({ resource: ORDERS, introspectionClients })
  await running.server.refresh()
  const { reportOnly = false, maxClients = 100 } = options
  const guard = createGuard<'read' | 'write'>({
    issuer: running.issuer,
    audience: ORDERS,
    reportOnly,
    introspection: {
      clientId: 'orders-api',
      clientSecret: running.secrets['orders-api'] ?? '',
    },
    onEvent: guardMetrics(sdk.meter, { attributes: { api: 'orders' }, maxClients }),
  })
  const api = await startListener(
    guarded(guard, { scope: { all: ['read'] } }, (_, response) => void response.end('ok')),
  )
  onTestFinished(() => api.close())
  const tokenOf = async (clientId: string): Promise<string> => {
    const authorization = `Basic ${btoa(`${clientId}:${running.secrets[clientId] ?? ''}`)}`
    const response = await fetch(running.tokenEndpoint, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: ORDERS }),
    })
    return String(((await response.json()) as Record<string, unknown>)['access_token'])
  }
  const call = async (token: string): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` }
    return (await fetch(`${api.origin}/orders?q=${MARKER}`, { headers })).status
  }
  return { sdk, running, tokenOf, call }
}

describe('our guard on the OpenTelemetry SDK', () => {
  it('counts verdicts by outcome, reason and client, with an end to the clients', async () => {
    const { sdk, running, tokenOf, call } = await start({ maxClients: 2 })
    for (const clientId of ['a', 'a', 'b', 'c']) {
      const token = await tokenOf(clientId)
      expect([await call(token), await call(token)]).toEqual([200, 200])
    }
    const stranger = tokenMint({ issuer: running.issuer, audience: ORDERS, now: Date.now })
    // Nobody has vouched for what a forged token says of its client.
    expect(await call(stranger.token({ claims: { client_id: MARKER, sub: MARKER } }))).toBe(401)
    expect(await call(MARKER)).toBe(401)

    const measured = await sdk.measured()
    const points = (name: string) =>
      measured
        .get(`countersign.guard.${name}`)
        ?.dataPoints.map(({ attributes, value }) => ({ ...attributes, value }))
    const ofIssuer = { api: 'orders', 'countersign.issuer': running.issuer }
    const allowed = { ...ofIssuer, 'countersign.outcome': 'allowed' }
    const denied = { ...ofIssuer, 'countersign.outcome': 'denied' }
    expect(points('verdicts')).toEqual([
      { ...allowed, 'oauth.client_id': 'a', value: 4 },
      { ...allowed, 'oauth.client_id': 'b', value: 2 },
      { ...allowed, 'oauth.client_id': '_OTHER', value: 2 },
      { ...denied, 'countersign.reason': 'unknown_key', value: 1 },
      { ...denied, 'countersign.reason': 'inactive', value: 1 },
    ])
    // One question for each token, however many calls came with it.
    expect(points('introspections')).toEqual([
      { ...ofIssuer, 'countersign.active': true, value: 4 },
      { ...ofIssuer, 'countersign.active': false, value: 1 },
    ])
    expect(points('loads')).toContainEqual({
      ...ofIssuer,
      'countersign.document': 'metadata',
      value: expect.any(Number),
    })
    expect(points('verdict.duration')).toMatchObject([{ value: { count: 8 } }])
    expect(points('introspection.duration')).toMatchObject([{ value: { count: 5 } }])
    expect(measured.get('countersign.guard.verdict.duration')?.descriptor.unit).toBe('s')
    expect(sdk.everything()).not.toContain(MARKER)
  })

  it('counts those that a guard which only reports would deny, and outages', async () => {
    const { sdk, running, tokenOf, call } = await start({ reportOnly: true })
    const [token, other] = [await tokenOf('a'), await tokenOf('a')]
    expect(await call(token)).toBe(200)
    expect(await call(MARKER)).toBe(200)
    await running.close()
    expect(await call(other)).toBe(200)
    const measured = await sdk.measured()
    const verdicts = measured.get('countersign.guard.verdicts')?.dataPoints
    const seen = verdicts?.map(({ attributes, value }) => [
      attributes['countersign.outcome'],
      attributes['countersign.reason'],
      value,
    ])
    expect(seen).toEqual([
      ['allowed', undefined, 1],
      ['would_deny', 'inactive', 1],
      ['would_deny', 'introspection_unavailable', 1],
    ])
    const faults = measured.get('countersign.guard.introspections')?.dataPoints
    expect(faults?.map(({ attributes }) => attributes['error.type'])).toContain('network')
    expect(sdk.everything()).not.toContain(MARKER)
  })
})
