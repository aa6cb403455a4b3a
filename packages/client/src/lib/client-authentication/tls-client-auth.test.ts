import { describe, expect, it } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import type { FetchFunction } from '../http/fetch-function.ts'
import { selfSignedTlsClientAuth, tlsClientAuth } from './tls-client-auth.ts'

describe.each([
  ['tls_client_auth', tlsClientAuth],
  ['self_signed_tls_client_auth', selfSignedTlsClientAuth],
] as const)('%s', (method, make) => {
  /** A server whose metadata names an address for mutual TLS, or none. */
  async function asking(withAlias: boolean, answer = () => Response.json(good)) {
    const started = await server((_, { path }) => {
      if (!path.startsWith('/.well-known/')) return answer()
      return Response.json({
        issuer: started.origin,
        token_endpoint: `${started.origin}/token`,
        token_endpoint_auth_methods_supported: [method],
        ...(withAlias && { mtls_endpoint_aliases: { token_endpoint: `${started.origin}/mtls` } }),
      })
    })
    const own: string[] = []
    const fetch: FetchFunction = (input, init) => {
      own.push(new URL(input instanceof Request ? input.url : input).pathname)
      return globalThis.fetch(input, init)
    }
    const authentication = make({ fetch })
    const source = clientCredentials({
      issuer: started.origin,
      clientId: 'billing',
      clientAuthentication: authentication,
    })
    return { started, source, own, authentication }
  }

  it.each([
    [true, '/mtls'],
    [false, '/token'],
  ])(
    'asks by its own connection, at the alias where there is one (%s) [std:126]',
    async (withAlias, path) => {
      const { source, own, authentication } = await asking(withAlias)
      await source()
      expect(own).toEqual([path])
      expect(authentication.method).toBe(method)
    },
  )

  it('names the client in the form, and proves nothing there [std:125]', async () => {
    const { source, started } = await asking(false)
    await source()
    const request = started.requests.at(-1)
    expect(request?.body).toBe('grant_type=client_credentials&client_id=billing')
    expect(request?.headers.has('authorization')).toBe(false)
  })

  it('is not tried twice when it is refused', async () => {
    const refusal = () => Response.json({ error: 'invalid_client' }, { status: 401 })
    const { source, own } = await asking(true, refusal)
    await expect(source()).rejects.toMatchObject({
      code: 'ERR_REFUSED',
      hint: expect.stringContaining(method),
    })
    expect(own).toHaveLength(1)
  })

  it('has a fingerprint of the certificate named, or one of its own', async () => {
    const fetch = globalThis.fetch
    const named = () => make({ fetch, thumbprint: 'abc' })
    expect(await named().fingerprint()).toBe(await named().fingerprint())
    const unnamed = make({ fetch })
    expect(await unnamed.fingerprint()).toBe(await unnamed.fingerprint())
    expect(await unnamed.fingerprint()).not.toBe(await make({ fetch }).fingerprint())
  })

  it('refuses wrong options at once', () => {
    expect(() => make({} as never)).toThrow("'fetch' must be a function whose connections hold")
    expect(() => make({ fetch: 5 } as never)).toThrow("'fetch' must be a function")
    expect(() => make({ fetch, cert: 'x' } as never)).toThrow("unknown option 'cert'")
    expect(() => make({ fetch, thumbprint: '' })).toThrow("'thumbprint' must not be empty")
  })
})
