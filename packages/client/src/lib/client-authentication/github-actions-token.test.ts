import type { LoopbackHandler } from '@countersign/testkit'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { server } from '../../../test/answering-endpoint.ts'
import { githubActionsToken } from './github-actions-token.ts'

afterEach(() => vi.unstubAllEnvs())

/** A job whose token service answers like this. */
async function job(handler: LoopbackHandler) {
  const service = await server(handler)
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', `${service.origin}/idtoken?api-version=2.0`)
  vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'marker-request-token')
  return service
}

const audience = 'https://as.example/?a=b&c'

describe('githubActionsToken', () => {
  it('asks the job for a token for the audience, each time anew', async () => {
    let count = 0
    const service = await job(() => Response.json({ count: 1, value: `jwt-${++count}` }))
    const source = githubActionsToken({ audience })
    expect([await source(), await source()]).toEqual(['jwt-1', 'jwt-2'])
    const [request] = service.requests
    expect(request?.method).toBe('GET')
    expect(request?.headers.get('authorization')).toBe('Bearer marker-request-token')
    const url = new URL(request?.path ?? '', service.origin)
    expect([...url.searchParams]).toEqual([
      ['api-version', '2.0'],
      ['audience', audience],
    ])
  })

  it.each<[string, LoopbackHandler, object]>([
    [
      'an outage',
      () => new Response('marker-body', { status: 503 }),
      { code: 'ERR_RESPONSE_STATUS', retryable: true },
    ],
    [
      'a refusal',
      () => new Response('marker-body', { status: 403 }),
      { code: 'ERR_RESPONSE_STATUS', retryable: false },
    ],
    ['a page', () => new Response('marker-body'), { code: 'ERR_RESPONSE_BODY' }],
    [
      'no token',
      () => Response.json({ value: 5, x: 'marker-body' }),
      { code: 'ERR_RESPONSE_BODY' },
    ],
    [
      'a redirect',
      () => Response.redirect('https://marker-body.example', 302),
      { code: 'ERR_RESPONSE_REDIRECT' },
    ],
  ])('tells %s, and quotes nothing', async (_, handler, error) => {
    await job(handler)
    const failure: unknown = await Promise.resolve(githubActionsToken({ audience })()).catch(
      (reason: unknown) => reason,
    )
    expect(failure).toMatchObject({ ...error, phase: 'credential' })
    const text = `${(failure as Error).stack} ${JSON.stringify(failure)}`
    expect(text).not.toContain('marker-request-token')
    expect(text.replaceAll('https://marker-body.example', '')).not.toContain('marker-body')
  })

  it('says what is missing outside a job that may have one', async () => {
    vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', '')
    await expect(githubActionsToken({ audience })()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      message: expect.stringContaining("'permissions: id-token: write'"),
    })
    vi.stubEnv('ACTIONS_ID_TOKEN_REQUEST_URL', 'http://plain.example/x')
    await expect(githubActionsToken({ audience })()).rejects.toMatchObject({
      message: expect.stringContaining('no https URL'),
    })
  })

  it('refuses wrong options at once', () => {
    expect(() => githubActionsToken({} as never)).toThrow("'audience' is required")
    expect(() => githubActionsToken({ audience, timeout: 0 })).toThrow("'timeout'")
    expect(() => githubActionsToken({ audience, fetch: 5 as never })).toThrow("'fetch'")
  })
})
