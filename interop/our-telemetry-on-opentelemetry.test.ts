import { inspect } from 'node:util'
import { createClient, type ClientEvent, type ClientEventListener } from '@countersign/client'
import { startLoopbackServer } from '@countersign/testkit'
import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  clientMetrics,
  observed,
  observeStatus,
  remainingLife,
  traced,
  tracedFetch,
} from '@countersign/client/opentelemetry'

const SECRET = 'marker-secret-4f9d+/='
const TOKEN = 'marker-token-77aa0c'
const BODY = 'marker-body-c01d'

/** The real SDK, keeping what it would have exported. */
function telemetry() {
  const spans = new InMemorySpanExporter()
  const tracing = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({
    exporter: metrics,
    exportIntervalMillis: 3_600_000,
  })
  const metering = new MeterProvider({ readers: [reader] })
  onTestFinished(async () => {
    await Promise.all([tracing.shutdown(), metering.shutdown()])
  })
  return {
    tracer: tracing.getTracer('test'),
    meter: metering.getMeter('test'),
    spans: () => spans.getFinishedSpans(),
    async measured() {
      await reader.forceFlush()
      const all = metrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap(({ metrics: each }) => each)
      return new Map(all?.map((metric) => [metric.descriptor.name, metric]))
    },
    everything: () =>
      inspect([spans.getFinishedSpans().map((span) => ({ ...span })), metrics.getMetrics()], {
        depth: 20,
        showHidden: true,
        maxArrayLength: null,
        maxStringLength: null,
      }),
  }
}

/** A client that is seen from all sides. */
function seen(origin: string, { tracer, meter }: ReturnType<typeof telemetry>) {
  const count = clientMetrics(meter, { attributes: { 'oauth.client_id': 'billing' } })
  const events: ClientEvent[] = []
  const onEvent: ClientEventListener = (event) => {
    events.push(event)
    count(event)
  }
  const tokenEndpoint = `${origin}/token?tenant=${BODY}`
  const auth = createClient({
    tokenEndpoint,
    clientId: 'billing',
    clientSecret: SECRET,
    onEvent,
    wrap: (source) =>
      observed(traced(source, { tracer, server: tokenEndpoint, clientId: 'billing' }), { onEvent }),
  })
  const stop = observeStatus(meter, auth.status)
  const getToken = remainingLife(auth.source, meter, { every: 1 })
  return { auth, events, getToken, stop, fetch: tracedFetch(auth.fetch, { tracer }) }
}

describe('our telemetry on the OpenTelemetry SDK', () => {
  it('makes one span for one token request and one for each call, however many calls there are', async () => {
    const sdk = telemetry()
    await using server = await startLoopbackServer((request) =>
      new URL(request.url).pathname === '/token'
        ? Response.json({ access_token: TOKEN, expires_in: 3600, scope: 'a b' })
        : new Response(BODY),
    )
    const { fetch, getToken, stop } = seen(server.origin, sdk)
    await Promise.all(Array.from({ length: 10 }, () => fetch(`${server.origin}/orders/${BODY}`)))
    await getToken()
    const spans = sdk.spans()
    expect(spans.filter(({ name }) => name === 'authorized call')).toHaveLength(10)
    const requests = spans.filter(({ name }) => name === 'token request')
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'server.address': '127.0.0.1',
        'oauth.grant_type': 'client_credentials',
        'oauth.client_id': 'billing',
        'oauth.request.cause': 'cold',
        'oauth.scope.count': 2,
        'oauth.token.cached': false,
      },
    })

    const measured = await sdk.measured()
    const values = (name: string) =>
      measured.get(`countersign.client.${name}`)?.dataPoints.map(({ value }) => value)
    expect(values('token.requests')).toEqual([1])
    expect(values('tokens.served')).toEqual([11])
    expect(values('requests.saved')).toEqual([10])
    expect(values('token.remaining_life')).toMatchObject([{ count: 1 }])
    expect(values('token.duration')).toMatchObject([{ count: 1 }])
    expect(values('token.expires_in')?.[0]).toBeGreaterThan(3500)
    expect(measured.get('countersign.client.token.expires_in')?.descriptor.unit).toBe('s')
    stop()
  })

  it('carries no token, secret, body, path or query, whatever happens', async () => {
    const sdk = telemetry()
    const answers = [
      () => Response.json({ access_token: TOKEN, expires_in: 3600 }),
      () => Response.json({ error: TOKEN, error_description: BODY }, { status: 400 }),
      () => new Response(`{"access_token":"${TOKEN}",`),
      () => new Response(`<p>${BODY}`, { status: 503 }),
      () => Response.redirect(`https://x.example/${TOKEN}`, 302),
      () => Response.json({ access_token: TOKEN, token_type: BODY }),
    ]
    for (const answer of answers) {
      await using server = await startLoopbackServer((request) =>
        new URL(request.url).pathname === '/token'
          ? answer()
          : new Response(BODY, {
              status: 401,
              headers: { 'www-authenticate': `Bearer error="invalid_token", realm="${BODY}"` },
            }),
      )
      const { fetch, getToken } = seen(server.origin, sdk)
      const init = { method: 'POST', body: BODY, headers: { 'x-key': SECRET } }
      await fetch(`${server.origin}/${BODY}?key=${SECRET}`, init).catch(() => {})
      await getToken().catch(() => {})
    }
    const measured = await sdk.measured()
    expect(sdk.spans().length).toBeGreaterThan(answers.length * 2)
    expect(measured.get('countersign.client.token.failures')?.dataPoints.length).toBeGreaterThan(2)
    expect(measured.get('countersign.client.token.refused')?.dataPoints).toHaveLength(1)
    const text = sdk.everything()
    expect(text).toContain('ERR_REFUSED')
    for (const marker of [SECRET, encodeURIComponent(SECRET), TOKEN, BODY]) {
      expect(text).not.toContain(marker)
    }
  })
})
