import { describe, expect, it } from 'vitest'
import { recordingTracer } from '../../../test/recording-telemetry.ts'
import { AccessToken } from '../access-token.ts'
import { RefusalError, TransportError } from '../errors/token-error.ts'
import type { TokenSource } from '../token-source.ts'
import { traced } from './traced.ts'

const NOW = 1_000_000
const token = new AccessToken({
  value: 'marker-token',
  obtainedAt: NOW,
  expiresAt: NOW + 600_000,
  scope: ['orders:read', 'orders:write'],
})

function tracing(source: TokenSource, now = NOW) {
  const { tracer, spans } = recordingTracer()
  const about = { server: 'https://as.example:8443/token?tenant=1', clientId: 'billing' }
  return { source: traced(source, { tracer, now: () => now, ...about }), spans }
}

describe('traced', () => {
  it('makes a span that says where, who, why and what came', async () => {
    const { source, spans } = tracing(async () => token)
    expect(await source()).toBe(token)
    expect(spans).toEqual([
      {
        name: 'token request',
        kind: 2,
        root: false,
        status: undefined,
        ended: true,
        attributes: {
          'server.address': 'as.example',
          'server.port': 8443,
          'oauth.grant_type': 'client_credentials',
          'oauth.client_id': 'billing',
          'oauth.request.cause': 'cold',
          'oauth.token.cached': false,
          'oauth.token.type': 'Bearer',
          'oauth.token.lifetime': 600,
          'oauth.scope.count': 2,
        },
      },
    ])
  })

  it('says whether the token was there before', async () => {
    const { source, spans } = tracing(async () => token, NOW + 1)
    await source()
    expect(spans[0]?.attributes).toMatchObject({ 'oauth.token.cached': true })
  })

  it('gives a renewal that nobody waits for a trace of its own', async () => {
    const { source, spans } = tracing(async () => token)
    await source({ background: true })
    await source({ rejected: token })
    expect(spans.map(({ root }) => root)).toEqual([true, false])
    expect(spans.map(({ attributes }) => attributes['oauth.request.cause'])).toEqual([
      'ahead',
      'refused',
    ])
  })

  it('names a failure by its code, and ends the span', async () => {
    const oauth = { error: 'invalid_client', description: 'marker', uri: undefined }
    const refusal = new RefusalError('ERR_REFUSED', 'marker', {
      phase: 'token',
      status: 401,
      oauth,
    })
    const { source, spans } = tracing(() => Promise.reject(refusal))
    await expect(source()).rejects.toBe(refusal)
    expect(spans[0]).toMatchObject({
      status: 2,
      ended: true,
      attributes: {
        'error.type': 'ERR_REFUSED',
        'oauth.error': 'invalid_client',
        'countersign.retryable': false,
        'http.response.status_code': 401,
      },
    })
    expect(JSON.stringify(spans)).not.toContain('marker')
  })

  it.each([
    [new TransportError('ERR_TIMEOUT', 'x', { phase: 'token' }), 'ERR_TIMEOUT'],
    [new DOMException('marker', 'AbortError'), 'AbortError'],
    [new DOMException('marker', 'marker'), '_OTHER'],
    [Object.assign(new Error('marker'), { name: 'marker', code: 'marker' }), '_OTHER'],
    ['marker', '_OTHER'],
  ])('takes nothing of a failure but a known name: %s', async (failure, type) => {
    const { source, spans } = tracing(() => Promise.reject(failure))
    await expect(source()).rejects.toBe(failure)
    expect(spans[0]?.attributes['error.type']).toBe(type)
    expect(JSON.stringify(spans)).not.toContain('marker')
  })

  it('does not repeat an OAuth error that nobody registered', async () => {
    const oauth = { error: 'marker-token', description: undefined, uri: undefined }
    const refusal = new RefusalError('ERR_REFUSED', 'x', { phase: 'token', oauth })
    const { source, spans } = tracing(() => Promise.reject(refusal))
    await expect(source()).rejects.toBe(refusal)
    expect(spans[0]?.attributes['oauth.error']).toBe('_OTHER')
  })

  it('turns a source that throws into one that rejects, and still ends the span', async () => {
    const { source, spans } = tracing(() => {
      throw new TypeError('thrown')
    })
    await expect(source()).rejects.toThrow('thrown')
    expect(spans[0]?.ended).toBe(true)
  })

  it.each([
    [{}, "traced: 'tracer' must be an OpenTelemetry tracer"],
    [
      { tracer: recordingTracer().tracer, server: 'as.example' },
      "traced: 'server' must be the URL",
    ],
    [{ tracer: recordingTracer().tracer, clientid: 'a' }, "did you mean 'clientId'"],
  ])('refuses wrong options at once', (options, message) => {
    expect(() => traced(async () => token, options as never)).toThrow(message)
  })
})
