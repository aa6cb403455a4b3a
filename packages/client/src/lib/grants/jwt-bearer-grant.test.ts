import { generateStoreKey } from '@countersign/protocol'
import { generateKeyPairSync } from 'node:crypto'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { handStore } from '../../../test/hand-store.ts'
import { createClient, type GrantClientOptions } from '../create-client.ts'
import { sharedTokens } from '../shared/shared-tokens.ts'
import { jwtBearerGrant } from './jwt-bearer-grant.ts'
import { signedAssertion, type SignedAssertionOptions } from './signed-assertion.ts'

const makeKey = (kid: string): JsonWebKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return Object.assign(privateKey.export({ format: 'jwk' }), { kid })
}
const key = makeKey('current')
const next = makeKey('next')

const signed = (options: Partial<SignedAssertionOptions> = {}) =>
  jwtBearerGrant(signedAssertion({ key, iss: 'job-17', scopeClaim: true, ...options }))

/** A token endpoint that numbers its tokens and knows one key, and clients of it. */
async function endpoint({ kid = 'current' } = {}) {
  let count = 0
  const started = await server(async (request) => {
    const assertion = new URLSearchParams(await request.text()).get('assertion') ?? ''
    const isKnown = decodeProtectedHeader(assertion).kid === kid
    return isKnown
      ? Response.json({ ...good, access_token: `at-${++count}` })
      : Response.json({ error: 'invalid_grant' }, { status: 400 })
  })
  const client = (options: Partial<GrantClientOptions> = {}) =>
    createClient({
      tokenEndpoint: `${started.origin}/token`,
      scope: 'orders:read',
      grant: signed(),
      ...options,
    })
  const forms = () => started.requests.map(({ body }) => new URLSearchParams(body))
  return { client, forms, requests: started.requests }
}

describe('createClient with jwtBearerGrant', () => {
  it('trades an assertion for a token, keeps it, and attaches it to calls', async () => {
    const { client, forms, requests } = await endpoint()
    const api = await server(({ headers }) => new Response(headers.get('authorization')))
    const auth = client()
    for (let calls = 0; calls < 3; calls++) {
      expect(await (await auth.fetch(api.origin)).text()).toBe('Bearer at-1')
    }
    const [form] = forms()
    expect([...(form ?? [])].map(([name]) => name)).toEqual(['grant_type', 'scope', 'assertion'])
    expect(form?.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(decodeJwt(form?.get('assertion') ?? '')).toMatchObject({
      iss: 'job-17',
      scope: 'orders:read',
    })
    expect(requests).toHaveLength(1)
    expect(requests[0]?.headers.has('authorization')).toBe(false)
  })

  it('renews a refused token with another assertion', async () => {
    const { client, forms } = await endpoint()
    const api = await server(({ headers }) =>
      headers.get('authorization') === 'Bearer at-1'
        ? new Response(null, { status: 401 })
        : new Response('ok'),
    )
    expect(await (await client().fetch(api.origin)).text()).toBe('ok')
    expect(new Set(forms().map((form) => form.get('assertion'))).size).toBe(2)
  })

  it('sends the client beside the assertion, by name or with its secret', async () => {
    const { client, forms, requests } = await endpoint()
    await client({ clientId: 'billing' }).getToken()
    await client({ clientId: 'billing', clientSecret: 's3cret' }).getToken()
    expect(forms().map((form) => form.get('client_id'))).toEqual(['billing', null])
    expect(requests[1]?.headers.get('authorization')).toBe(`Basic ${btoa('billing:s3cret')}`)
  })

  it('tries the next key where the current one is refused', async () => {
    const { client, requests } = await endpoint({ kid: 'next' })
    const token = await client({ grant: signed({ key: () => [key, next] }) }).getToken()
    expect(token.value).toBe('at-1')
    expect(requests).toHaveLength(2)
  })

  it.each<[string, Partial<SignedAssertionOptions>, number]>([
    ['with those who say the same with the same key', {}, 1],
    ['not with another account', { iss: 'job-18' }, 2],
    ['not with who speaks for another user', { sub: 'ann' }, 2],
    ['not with who says more', { claims: { tenant: 'a' } }, 2],
  ])('shares tokens %s', async (_, other, requests) => {
    const started = await endpoint()
    const share = sharedTokens({ store: handStore(), keys: [generateStoreKey()] })
    await started.client({ share }).getToken()
    await started.client({ share, grant: signed(other) }).getToken()
    expect(started.requests).toHaveLength(requests)
  })

  it('shares no token of assertions that it cannot name', async () => {
    const started = await endpoint()
    const share = sharedTokens({ store: handStore(), keys: [generateStoreKey()] })
    const assertion = signedAssertion({ key, iss: 'job-17' })
    for (let processes = 0; processes < 2; processes++) {
      const grant = jwtBearerGrant((context, refused) => assertion(context, refused))
      await started.client({ share, grant }).getToken()
    }
    expect(started.requests).toHaveLength(2)
  })

  it('refuses what is no assertion, and what is no grant', () => {
    expect(() => jwtBearerGrant(undefined as never)).toThrow("jwtBearerGrant: 'assertion' must be")
    expect(() =>
      createClient({ tokenEndpoint: 'https://a.example/token', grant: 'jwt' as never }),
    ).toThrow("createClient: 'grant' must be what its function gives")
    expect(() => createClient({ tokenEndpoint: 'https://a.example/token' } as never)).toThrow(
      "'clientId' is required",
    )
  })
})
