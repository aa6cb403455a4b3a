import { describe, expect, it } from 'vitest'
import { recordingTracer } from '../../../test/recording-telemetry.ts'
import { AccessToken } from '../access-token.ts'
import { authorizedFetch } from '../attach/authorized-fetch.ts'
import { tracedFetch } from './traced-fetch.ts'

function calling(answer: (url: string) => Response) {
  const { tracer, spans } = recordingTracer()
  const source = async () => new AccessToken({ value: 'marker-token', obtainedAt: Date.now() })
  const authorized = authorizedFetch(source, {
    fetch: async (input) => answer(input instanceof Request ? input.url : String(input)),
  })
  return { fetch: tracedFetch(authorized, { tracer }), spans }
}

describe('tracedFetch', () => {
  it('makes a span for a call: method, server and status, neither path nor query nor token', async () => {
    const { fetch, spans } = calling(() => new Response('marker-body', { status: 201 }))
    const call = new Request('https://api.example/marker-path?q=marker-query', { method: 'put' })
    expect((await fetch(call)).status).toBe(201)
    expect(spans).toMatchObject([
      {
        name: 'authorized call',
        status: undefined,
        ended: true,
        attributes: {
          'http.request.method': 'PUT',
          'server.address': 'api.example',
          'server.port': 443,
          'http.response.status_code': 201,
        },
      },
    ])
    expect(JSON.stringify(spans)).not.toContain('marker')
  })

  it('marks an answer that is a failure, and hands it back as it is', async () => {
    const { fetch, spans } = calling(() => new Response('no', { status: 403 }))
    expect(await (await fetch('https://api.example/')).text()).toBe('no')
    expect(spans[0]).toMatchObject({ status: 2, attributes: { 'error.type': '403' } })
  })

  it('marks a call that was not sent by the code that says why', async () => {
    const { fetch, spans } = calling(() => new Response())
    await expect(fetch('http://api.example/')).rejects.toMatchObject({ code: 'ERR_INSECURE_URL' })
    await expect(fetch('/relative')).rejects.toThrow('must be absolute')
    expect(spans.map(({ attributes, ended }) => [attributes['error.type'], ended])).toEqual([
      ['ERR_INSECURE_URL', true],
      ['_OTHER', true],
    ])
  })

  it('does not repeat a method that nobody knows', async () => {
    const { fetch, spans } = calling(() => new Response())
    await fetch('https://api.example/', { method: 'MARKER' })
    await fetch(new URL('https://api.example/'), { method: 'post' })
    expect(spans.map(({ attributes }) => attributes['http.request.method'])).toEqual([
      '_OTHER',
      'POST',
    ])
  })

  it('refuses wrong arguments at once', () => {
    const { tracer } = recordingTracer()
    expect(() => tracedFetch(undefined as never, { tracer })).toThrow("tracedFetch: 'fetch'")
    expect(() => tracedFetch(fetch, {} as never)).toThrow("tracedFetch: 'tracer'")
    expect(() => tracedFetch(fetch, { tracer, nam: '' } as never)).toThrow("did you mean 'name'")
  })
})
