import { describe, expect, it } from 'vitest'
import { server } from '../../../test/answering-endpoint.ts'
import { scriptedInternet } from '../../../test/scripted-internet.ts'
import { discoverResource, type DiscoverResourceOptions } from './discover-resource.ts'

const API = 'https://api.example.com/v1?tenant=a'
const ISSUER = 'https://auth.example.com'
const ELSEWHERE = 'https://docs.example.com/api.json'
const WELL_KNOWN = 'https://api.example.com/.well-known/oauth-protected-resource/v1?tenant=a'

const challenge = (value: string, status = 401) =>
  new Response('no', { status, headers: { 'www-authenticate': value } })

/** An API whose challenge points to a document with these members. */
function internet(
  members: Record<string, unknown> = {},
  {
    at = ELSEWHERE,
    refusal = () => challenge(`Bearer resource_metadata="${at}", scope="read write"`),
  }: { at?: string; refusal?: () => Response } = {},
) {
  const document = { resource: API, authorization_servers: [ISSUER], ...members }
  return scriptedInternet({ [API]: refusal, [at]: () => Response.json(document) })
}

function discover(
  { fetch }: ReturnType<typeof scriptedInternet>,
  options: Partial<DiscoverResourceOptions> = {},
) {
  return discoverResource(API, { issuers: [ISSUER], fetch, ...options })
}

/** A body that begins and never ends. */
const endless = () => new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(1)) })

describe('discoverResource', () => {
  it('follows the challenge to the metadata, with nothing in hand [std:166] [std:249]', async () => {
    const web = internet({ scopes_supported: ['read', 'write', 'admin'] })
    expect(await discover(web)).toEqual({
      resource: API,
      issuer: ISSUER,
      scope: ['read', 'write'],
      scopesSupported: ['read', 'write', 'admin'],
      dpopRequired: false,
      certificateSupported: false,
    })
    expect(web.requests.map(({ url }) => url)).toEqual([API, ELSEWHERE])
    expect(web.requests.some(({ headers }) => headers.has('authorization'))).toBe(false)
  })

  it.each([
    ['a 401 without a pointer', () => challenge('Bearer realm="x"')],
    ['a 401 without a challenge', () => new Response(null, { status: 401 })],
    ['a challenge of another scheme', () => challenge(`Basic resource_metadata="${ELSEWHERE}"`)],
    ['a broken challenge', () => challenge('not, "a challenge')],
    [
      'a pointer that is not in a 401',
      () => challenge(`Bearer resource_metadata="${ELSEWHERE}"`, 403),
    ],
    ['an answer', () => new Response('public')],
    ['a redirect', () => Response.redirect('https://evil.example/', 302)],
  ])('goes to the well-known place after %s [std:166]', async (_, refusal) => {
    const web = internet({}, { at: WELL_KNOWN, refusal })
    expect(await discover(web)).toMatchObject({ issuer: ISSUER, scope: undefined })
    expect(web.requests.map(({ url }) => url)).toEqual([API, WELL_KNOWN])
    expect(web.requests.every(({ redirect }) => redirect === 'manual')).toBe(true)
  })

  it('reads the pointer of a DPoP challenge, and what bound tokens it takes', async () => {
    const web = internet(
      {
        dpop_bound_access_tokens_required: true,
        tls_client_certificate_bound_access_tokens: true,
      },
      { refusal: () => challenge(`Basic realm="x", DPoP resource_metadata="${ELSEWHERE}"`) },
    )
    expect(await discover(web)).toMatchObject({ dpopRequired: true, certificateSupported: true })
  })

  it.each([
    'https://api.example.com/v1',
    'https://api.example.com/v1?tenant=b',
    'https://API.example.com/v1?tenant=a',
    'https://api.example.com',
    'https://api.example.com.evil.example/v1?tenant=a',
    'https://evil.example/v1?tenant=a',
  ])('does not use a document about %s [std:167]', async (resource) => {
    await expect(discover(internet({ resource }))).rejects.toMatchObject({
      code: 'ERR_RESOURCE_MISMATCH',
      phase: 'discovery',
      retryable: false,
    })
  })

  it.each([
    ['https://api.example.com', 'https://api.example.com/'],
    ['https://api.example.com/', 'https://api.example.com'],
  ])('holds %s and %s to be one resource, and keeps what the API says', async (url, resource) => {
    const { fetch } = scriptedInternet({
      'https://api.example.com/': () => new Response(null, { status: 401 }),
      'https://api.example.com/.well-known/oauth-protected-resource': () =>
        Response.json({ resource, authorization_servers: [ISSUER] }),
    })
    expect(await discoverResource(url, { issuers: [ISSUER], fetch })).toMatchObject({ resource })
  })

  it('takes the first server that is trusted, and tells which there were [std:168]', async () => {
    const servers = ['https://evil.example', 'https://second.example', ISSUER]
    const web = internet({ authorization_servers: servers })
    expect((await discover(web)).issuer).toBe(ISSUER)
    expect((await discover(web, { issuers: (one) => one.includes('second') })).issuer).toBe(
      'https://second.example',
    )
    await expect(discover(web, { issuers: ['https://auth.example.com/'] })).rejects.toMatchObject({
      code: 'ERR_ISSUER_NOT_ALLOWED',
      message: expect.stringContaining(`https://second.example, ${ISSUER}`),
    })
    const promised = (async () => true) as unknown as () => boolean
    await expect(discover(web, { issuers: promised })).rejects.toMatchObject({
      code: 'ERR_ISSUER_NOT_ALLOWED',
    })
  })

  it.each([
    ['no servers', { authorization_servers: undefined }],
    ['an empty list of servers', { authorization_servers: [] }],
    ['one server that is no text', { authorization_servers: [7] }],
    ['101 servers', { authorization_servers: Array.from({ length: 101 }, () => ISSUER) }],
    ['no resource', { resource: undefined }],
    ['no place for a header', { bearer_methods_supported: ['query'] }],
  ])('does not use a document with %s', async (_, members) => {
    await expect(discover(internet(members))).rejects.toMatchObject({
      code: 'ERR_RESOURCE_METADATA',
    })
  })

  it.each([
    ['no document', () => new Response('', { status: 404 }), 'ERR_RESOURCE_METADATA', false],
    ['an outage', () => new Response('', { status: 503 }), 'ERR_RESOURCE_METADATA', true],
    ['a page', () => new Response('<html>'), 'ERR_RESOURCE_METADATA', false],
    ['a list', () => Response.json([]), 'ERR_RESOURCE_METADATA', false],
    ['a redirect', () => Response.redirect('https://x.example/'), 'ERR_RESPONSE_REDIRECT', false],
    ['2 MiB', () => new Response('x'.repeat(2_097_152)), 'ERR_RESPONSE_TOO_LARGE', false],
  ])('says what is wrong with %s at the pointer', async (_, page, code, retryable) => {
    const { fetch } = scriptedInternet({
      [API]: () => challenge(`Bearer resource_metadata="${ELSEWHERE}"`),
      [ELSEWHERE]: page,
    })
    await expect(discoverResource(API, { issuers: [ISSUER], fetch })).rejects.toMatchObject({
      code,
      retryable,
    })
  })

  it.each([
    ['the API', 'http://localhost:1/', ELSEWHERE, []],
    ['the API', 'https://10.0.0.1/', ELSEWHERE, []],
    ['the API', 'https://[::ffff:169.254.169.254]/', ELSEWHERE, []],
    ['the pointer', API, 'https://169.254.169.254/latest', [API]],
    ['the pointer', API, 'http://localhost/admin', [API]],
    ['the pointer', API, 'https://100.64.0.1/', [API]],
    ['the pointer', API, 'https://[fd00::1]/', [API]],
  ])('does not fetch where %s is private: %s, %s [std:168]', async (_, url, pointer, asked) => {
    const refusal = () => challenge(`Bearer resource_metadata="${pointer}"`)
    const web = scriptedInternet({ [url]: refusal, [pointer]: () => Response.json({}) })
    await expect(
      discoverResource(url, { issuers: [ISSUER], fetch: web.fetch }),
    ).rejects.toMatchObject({ code: 'ERR_PRIVATE_ADDRESS' })
    expect(web.requests.map((request) => request.url)).toEqual(asked)
  })

  it('takes no private issuer, trusted or not', async () => {
    const web = internet({ authorization_servers: ['https://auth.internal'] })
    await expect(discover(web, { issuers: () => true })).rejects.toMatchObject({
      code: 'ERR_PRIVATE_ADDRESS',
    })
    expect((await discover(web, { issuers: () => true, allowPrivateAddresses: true })).issuer).toBe(
      'https://auth.internal',
    )
  })

  it.each([
    'http://docs.example.com/',
    '/relative',
    'https://user:pass@docs.example.com/',
    'file:///etc/passwd',
  ])('does not follow a pointer to %s [std:168]', async (pointer) => {
    const web = internet({}, { at: pointer })
    await expect(discover(web, { allowPrivateAddresses: true })).rejects.toMatchObject({
      code: 'ERR_RESOURCE_METADATA',
      message: expect.not.stringContaining('user:pass'),
    })
    expect(web.requests.map(({ url }) => url)).toEqual([API])
  })

  it('calls the API in another way where a GET is open to strangers', async () => {
    const web = internet(
      {},
      { refusal: () => challenge(`Bearer resource_metadata="${ELSEWHERE}"`) },
    )
    await discover(web, { probe: { method: 'POST', headers: { 'x-a': 'b' }, body: '{}' } })
    const [probe] = web.requests
    expect([probe?.method, probe?.headers.get('x-a'), await probe?.text()]).toEqual([
      'POST',
      'b',
      '{}',
    ])
  })

  it('waits no longer than its timeout for a fetch that does not look at its signal', async () => {
    const deaf = (): Promise<Response> => new Promise(() => {})
    await expect(
      discoverResource('https://api.example.com/', { issuers: [], fetch: deaf, timeout: 20 }),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  it('does not wait for the body of the first answer, nor longer than its timeout', async () => {
    const api = await server(({ url }) =>
      url.includes('well-known')
        ? Response.json({ resource: `${new URL(url).origin}/`, authorization_servers: [ISSUER] })
        : new Response(endless(), { status: 401 }),
    )
    const options = { issuers: [ISSUER], allowPrivateAddresses: true }
    expect(await discoverResource(`${api.origin}/`, options)).toMatchObject({ issuer: ISSUER })
    const silent = await server(() => new Promise(() => {}))
    await expect(
      discoverResource(`${silent.origin}/`, { ...options, timeout: 50 }),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT', retryable: true })
    await expect(
      discoverResource(`${silent.origin}/`, { ...options, signal: AbortSignal.abort('enough') }),
    ).rejects.toBe('enough')
  })

  it('lets no control character of a peer into a message', async () => {
    const web = internet({ resource: 'https://evil.example/\u001b[31m\nFAKE LOG' })
    const failed: unknown = await discover(web).catch((error: unknown) => error)
    expect((failed as Error).message).not.toMatch(/\p{Cc}/u)
  })

  it.each<[string, unknown, unknown]>([
    ['no issuers', API, {}],
    ['issuers that are no list', API, { issuers: ISSUER }],
    ['an issuer that is none', API, { issuers: ['auth.example.com'] }],
    ['an unknown option', API, { issuers: [ISSUER], issuer: ISSUER }],
    ['a text for a switch', API, { issuers: [ISSUER], allowPrivateAddresses: 'no' }],
    ['an unknown member of a probe', API, { issuers: [ISSUER], probe: { methd: 'POST' } }],
    [
      'a probe with a credential',
      API,
      { issuers: [ISSUER], probe: { method: 'POST', headers: { Authorization: 'Bearer x' } } },
    ],
    ['a signal that is none', API, { issuers: [ISSUER], signal: {} }],
    ['a relative address', '/v1', { issuers: [ISSUER] }],
    ['plain http', 'http://api.example.com/', { issuers: [ISSUER] }],
    ['a fragment', `${API}#x`, { issuers: [ISSUER] }],
  ])('refuses %s at once', (_, url, options) => {
    expect(() => discoverResource(url as string, options as never)).toThrow('discoverResource: ')
  })
})
