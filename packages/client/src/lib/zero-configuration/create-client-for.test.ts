import { describe, expect, it } from 'vitest'
import { scriptedInternet } from '../../../test/scripted-internet.ts'
import { dpop } from '../sender-constraint/dpop.ts'
import {
  createClientFor,
  type CreateClientForOptions,
  type IssuerCredentials,
} from './create-client-for.ts'

const API = 'https://api.example.com/'
const ISSUER = 'https://auth.example.com'
const OTHER = 'https://other.example.com'
const WELL_KNOWN = 'https://api.example.com/.well-known/oauth-protected-resource'

/** An API and its authorization server, and another one that would like the credentials too. */
function internet({
  servers = [ISSUER] as readonly string[],
  challenge = 'Bearer scope="invoices:read"',
  metadataOfApi = {},
} = {}) {
  const metadata = (issuer: string) => () =>
    Response.json({
      issuer,
      token_endpoint: `${issuer}/token`,
      response_types_supported: [],
    })
  const token = () => Response.json({ access_token: 'at-1', token_type: 'Bearer', expires_in: 60 })
  return scriptedInternet({
    [API]: ({ headers }) =>
      headers.get('authorization') === 'Bearer at-1'
        ? new Response('invoices')
        : new Response(null, { status: 401, headers: { 'www-authenticate': challenge } }),
    [WELL_KNOWN]: () =>
      Response.json({ resource: API, authorization_servers: servers, ...metadataOfApi }),
    [`${ISSUER}/.well-known/oauth-authorization-server`]: metadata(ISSUER),
    [`${ISSUER}/token`]: token,
    [`${OTHER}/.well-known/oauth-authorization-server`]: metadata(OTHER),
    [`${OTHER}/token`]: token,
  })
}

const credentials: Record<string, IssuerCredentials> = {
  [ISSUER]: { clientId: 'billing', clientSecret: 's3cret' },
}

function clientFor(
  { fetch }: ReturnType<typeof internet>,
  options: Partial<CreateClientForOptions> = {},
) {
  return createClientFor(API, { credentials, fetch, ...options })
}

const urlOf = (input: string | URL | Request) =>
  input instanceof Request ? input.url : new URL(input).href

async function formsSentTo(web: ReturnType<typeof internet>, url: string) {
  const asked = web.requests.filter((request) => request.url === url)
  return Promise.all(asked.map(async (request) => new URLSearchParams(await request.text())))
}

describe('createClientFor', () => {
  it('needs an address and credentials, and calls the API [std:166] [std:253]', async () => {
    const web = internet()
    const auth = await clientFor(web)
    const response = await auth.fetch(API)
    expect(await response.text()).toBe('invoices')
    const [form] = await formsSentTo(web, `${ISSUER}/token`)
    expect(form?.get('resource')).toBe(API)
    expect(form?.get('scope')).toBe('invoices:read')
  })

  it('asks for its own scopes where it has them', async () => {
    const web = internet()
    const auth = await clientFor(web, { scope: 'other' })
    await auth.getToken()
    const [form] = await formsSentTo(web, `${ISSUER}/token`)
    expect(form?.get('scope')).toBe('other')
  })

  it('takes credentials to their own issuer and to no other [std:168] [std:255]', async () => {
    const web = internet({ servers: [OTHER, ISSUER] })
    await (await clientFor(web)).getToken()
    expect(web.requests.filter(({ url }) => url.startsWith(OTHER))).toEqual([])

    const both = { ...credentials, [OTHER]: { clientId: 'other', clientSecret: 'other-secret' } }
    const second = internet({ servers: [OTHER, ISSUER] })
    await (await clientFor(second, { credentials: both })).getToken()
    const [sent] = second.requests.filter(({ url }) => url === `${OTHER}/token`)
    expect(sent?.headers.get('authorization')).toBe(`Basic ${btoa('other:other-secret')}`)
    expect(second.requests.filter(({ url }) => url.startsWith(ISSUER))).toEqual([])
  })

  it('stays with its issuer when the API changes its mind [std:255]', async () => {
    const servers = [ISSUER]
    const web = internet({ servers })
    const auth = await clientFor(web)
    servers[0] = OTHER
    await auth.getToken()
    expect(web.requests.filter(({ url }) => url.startsWith(OTHER))).toEqual([])
    await expect(clientFor(web)).rejects.toMatchObject({ code: 'ERR_ISSUER_NOT_ALLOWED' })
  })

  it('refuses at the start where the API takes DPoP-bound tokens only and there is no key', async () => {
    const metadataOfApi = { dpop_bound_access_tokens_required: true }
    const web = internet({ metadataOfApi })
    await expect(clientFor(web)).rejects.toMatchObject({
      code: 'ERR_PROOF',
      message: expect.stringContaining('senderConstraint: dpop()') as string,
    })
    expect(await formsSentTo(web, `${ISSUER}/token`)).toEqual([])

    const bound = { clientId: 'billing', clientSecret: 's3cret', senderConstraint: dpop() }
    const options = { credentials: { [ISSUER]: bound } }
    await expect(clientFor(internet({ metadataOfApi }), options)).resolves.toBeDefined()
  })

  it('takes an API that knows certificate-bound tokens without one: it may take others', async () => {
    const metadataOfApi = { tls_client_certificate_bound_access_tokens: true }
    const auth = await clientFor(internet({ metadataOfApi }))
    expect((await auth.getToken()).value).toBe('at-1')
  })

  it('takes no resource that only encloses the address', async () => {
    const resource = 'https://api.example.com/v1'
    const { fetch } = internet({ metadataOfApi: { resource: 'https://api.example.com' } })
    const wellKnown = 'https://api.example.com/.well-known/oauth-protected-resource'
    const moved: typeof fetch = (input, init) =>
      fetch(`${wellKnown}/v1` === urlOf(input) ? wellKnown : API, init)
    await expect(createClientFor(resource, { credentials, fetch: moved })).rejects.toMatchObject({
      code: 'ERR_RESOURCE_MISMATCH',
    })
  })

  it('sends tokens to the origin of the API only', async () => {
    const web = internet()
    const auth = await clientFor(web)
    await expect(auth.fetch(`${OTHER}/token`)).rejects.toMatchObject({
      code: 'ERR_ORIGIN_NOT_ALLOWED',
    })
  })

  it('takes credentials from a function, and trusts whom that knows', async () => {
    const web = internet({ servers: ['https://unknown.example.com', ISSUER] })
    const asked: string[] = []
    const auth = await clientFor(web, {
      credentials: (issuer) => {
        asked.push(issuer)
        return credentials[issuer]
      },
    })
    expect((await auth.getToken()).value).toBe('at-1')
    expect(asked).toEqual(['https://unknown.example.com', ISSUER, ISSUER])
  })

  it('is not misled by names that every object has', async () => {
    const web = internet({ servers: ['https://x.example/__proto__', 'https://x.example'] })
    await expect(clientFor(web)).rejects.toMatchObject({ code: 'ERR_ISSUER_NOT_ALLOWED' })
  })

  it.each<[string, unknown]>([
    ['no credentials', {}],
    ['credentials that are a list', { credentials: [] }],
    ['a key that is no issuer', { credentials: { 'auth.example.com': credentials[ISSUER] } }],
    ['credentials without a client', { credentials: { [ISSUER]: { clientSecret: 'x' } } }],
    [
      'an endpoint among credentials',
      {
        credentials: {
          [ISSUER]: { ...credentials[ISSUER], tokenEndpoint: 'https://evil.example/token' },
        },
      },
    ],
    ['a text for a switch', { credentials, allowPrivateAddresses: 'no' }],
    ['a probe that is none', { credentials, probe: 'POST' }],
    ['a timeout of nothing', { credentials: () => undefined, timeout: 0 }],
    ['another resource', { credentials, resource: 'https://other.example' }],
    ['another origin', { credentials, origins: ['https://other.example'] }],
  ])('refuses %s before anything is sent', (_, options) => {
    const web = internet()
    expect(() =>
      createClientFor(API, { fetch: web.fetch, ...(options as object) } as never),
    ).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_ARGUMENT_/) }))
    expect(web.requests).toEqual([])
  })
})
