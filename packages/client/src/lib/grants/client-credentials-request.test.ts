import { describe, expect, it } from 'vitest'
import { answering, good } from '../../../test/answering-endpoint.ts'

describe('clientCredentials: the request', () => {
  it('is a form POST with Basic credentials, and keeps the query of the endpoint [std:2] [std:4] [std:5] [std:8]', async () => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      scope: ['a:read', 'b'],
      resource: ['https://api.example/a', 'https://api.example/b'],
      audience: 'old',
      parameters: { tenant: 'x y' },
    })
    await source()
    const [request] = endpoint.requests
    expect(request?.method).toBe('POST')
    expect(request?.path).toBe('/token?tenant=1')
    expect(request?.headers.get('content-type')).toBe('application/x-www-form-urlencoded')
    expect(request?.headers.get('accept')).toBe('application/json')
    expect(request?.headers.get('authorization')).toBe(`Basic ${btoa('billing:s3cret')}`)
    expect([...new URLSearchParams(request?.body)]).toEqual([
      ['grant_type', 'client_credentials'],
      ['scope', 'a:read b'],
      ['resource', 'https://api.example/a'],
      ['resource', 'https://api.example/b'],
      ['audience', 'old'],
      ['tenant', 'x y'],
    ])
  })

  it('uses one authentication method only: post puts both into the body [std:1] [std:3]', async () => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      authMethod: 'client_secret_post',
    })
    await source()
    const [request] = endpoint.requests
    expect(request?.headers.has('authorization')).toBe(false)
    expect(request?.body).toBe(
      'grant_type=client_credentials&client_id=billing&client_secret=s3cret',
    )
  })

  it('encodes Basic credentials as forms by default, and as they are when told [std:2]', async () => {
    const odd = { clientId: 'ä client', clientSecret: ':%+ /&=é-._~' }
    const encoded = await answering(() => Response.json(good), odd)
    await encoded.source()
    expect(atob(encoded.endpoint.requests[0]?.headers.get('authorization')?.slice(6) ?? '')).toBe(
      '%C3%A4+client:%3A%25%2B+%2F%26%3D%C3%A9-._~',
    )
    const raw = await answering(() => Response.json(good), { ...odd, basicEncoding: 'raw' })
    await raw.source()
    const bytes = Buffer.from(
      raw.endpoint.requests[0]?.headers.get('authorization')?.slice(6) ?? '',
      'base64',
    )
    expect(bytes.toString('utf8')).toBe('ä client:' + odd.clientSecret)
  })

  it('is JSON where the server wants that, with what repeats as a list', async () => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      quirks: { requestFormat: 'json' },
      scope: 'a b',
      resource: ['https://api.example/a', 'https://api.example/b'],
    })
    await source()
    const [request] = endpoint.requests
    expect(request?.headers.get('content-type')).toBe('application/json')
    expect(JSON.parse(request?.body ?? '')).toEqual({
      grant_type: 'client_credentials',
      scope: 'a b',
      resource: ['https://api.example/a', 'https://api.example/b'],
    })
  })

  it('reads the secret at each request', async () => {
    let secret = 'one'
    const { endpoint, source } = await answering(() => Response.json(good), {
      clientSecret: async () => secret,
    })
    await source()
    secret = 'two'
    await source()
    expect(
      endpoint.requests.map(({ headers }) => atob(headers.get('authorization')?.slice(6) ?? '')),
    ).toEqual(['billing:one', 'billing:two'])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret-marker')
      },
    ],
    ['gives undefined', () => undefined],
    ['gives an empty text', async () => ''],
  ])('sends nothing when the secret source %s', async (_, clientSecret) => {
    const { endpoint, source } = await answering(() => Response.json(good), {
      clientSecret: clientSecret as never,
    })
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_CREDENTIAL',
      phase: 'credential',
      retryable: false,
    })
    expect(endpoint.requests).toEqual([])
  })
})
