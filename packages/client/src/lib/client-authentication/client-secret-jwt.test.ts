import { jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { good, server } from '../../../test/answering-endpoint.ts'
import { clientCredentials } from '../grants/client-credentials.ts'
import { clientSecretJwt } from './client-secret-jwt.ts'

const OLD = 'the old secret of thirty-two bytes'
const CURRENT = 'the current secret of 32 bytes, ä'

/** A token endpoint that knows one secret. */
async function knowing(secret: string) {
  return server(async (request) => {
    const form = new URLSearchParams(await request.text())
    const key = new TextEncoder().encode(secret)
    const holds = await jwtVerify(form.get('client_assertion') ?? '', key).catch(() => undefined)
    return holds === undefined
      ? Response.json({ error: 'invalid_client' }, { status: 401 })
      : Response.json(good)
  })
}

describe('clientSecretJwt', () => {
  it('tries the other live secret once after a refusal, and each of them once only', async () => {
    const endpoint = await knowing(CURRENT)
    const options = { tokenEndpoint: endpoint.origin, clientId: 'billing' }
    const both = clientSecretJwt({ clientSecret: () => [OLD, CURRENT] })
    await clientCredentials({ ...options, clientAuthentication: both })()
    expect(endpoint.requests).toHaveLength(2)
    const old = clientSecretJwt({ clientSecret: async () => [OLD, OLD] })
    const source = clientCredentials({ ...options, clientAuthentication: old })
    await expect(source()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
    expect(endpoint.requests).toHaveLength(3)
  })

  it('reads its source again after a refusal, and says why', async () => {
    const endpoint = await knowing(CURRENT)
    const reads: unknown[] = []
    const authentication = clientSecretJwt({
      clientSecret: (read) => {
        reads.push(read)
        return reads.length === 1 ? OLD : CURRENT
      },
    })
    const options = { tokenEndpoint: endpoint.origin, clientId: 'billing' }
    await clientCredentials({ ...options, clientAuthentication: authentication })()
    expect(reads).toEqual([{ reread: false }, { reread: true }])
  })

  it('refuses a secret under 32 bytes: at once where it is given, else at the request [std:88]', async () => {
    expect(() => clientSecretJwt({ clientSecret: 'x'.repeat(31) })).toThrow('32 bytes or more')
    const endpoint = await knowing(CURRENT)
    const source = clientCredentials({
      tokenEndpoint: endpoint.origin,
      clientId: 'billing',
      clientAuthentication: clientSecretJwt({ clientSecret: () => 'marker-short' }),
    })
    const failure: unknown = await source().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIAL' })
    expect((failure as Error).stack).not.toContain('marker-short')
    expect(endpoint.requests).toEqual([])
  })

  it('has a fingerprint that changes with the secret and does not show it', async () => {
    const prints = await Promise.all(
      [OLD, OLD, CURRENT].map((clientSecret) => clientSecretJwt({ clientSecret }).fingerprint()),
    )
    expect(prints[0]).toBe(prints[1])
    expect(prints[0]).not.toBe(prints[2])
    expect(prints[0]).toMatch(/^\d{1,3}(,\d{1,3}){31}$/)
  })

  it.each([[undefined], [{}], [{ clientSecret: 5 }], [{ clientSecret: CURRENT, key: 'x' }]])(
    'refuses wrong options at once (%#)',
    (options) => {
      const make = () => clientSecretJwt(options as never)
      expect(make).toThrow(expect.objectContaining({ name: 'ArgumentError' }))
    },
  )
})
