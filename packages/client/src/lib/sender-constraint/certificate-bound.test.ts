import { describe, expect, it } from 'vitest'
import { client, good } from '../../../test/answering-endpoint.ts'
import { createClient } from '../create-client.ts'
import { certificateBound } from './certificate-bound.ts'
import { certificateThumbprint } from '../client-authentication/certificate-thumbprint.ts'

/** The certificate of RFC 8705 appendix A. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----`
const THUMBPRINT = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'

describe('certificateThumbprint', () => {
  it('is what RFC 8705 appendix A has, from PEM, DER and the head of a chain', async () => {
    const der = Buffer.from(CERTIFICATE.replaceAll(/-----[^-]*-----/g, ''), 'base64')
    const chain = `subject=mtls\n${CERTIFICATE}\n${CERTIFICATE.replace('MIIB', 'MIIC')}\n`
    for (const certificate of [CERTIFICATE, CERTIFICATE.replaceAll('\n', '\r\n'), der, chain]) {
      expect(await certificateThumbprint(certificate)).toBe(THUMBPRINT)
    }
  })

  it.each<[unknown]>([
    [''],
    ['no certificate'],
    ['-----BEGIN CERTIFICATE-----\n?!\n-----END CERTIFICATE-----'],
    ['-----BEGIN CERTIFICATE-----\n'.repeat(5000)],
    [new Uint8Array()],
    [undefined],
  ])('refuses what is none (%#)', async (certificate) => {
    await expect(certificateThumbprint(certificate as never)).rejects.toMatchObject({
      code: 'ERR_ARGUMENT_VALUE',
    })
  })
})

describe('certificateBound', () => {
  /** A connection that notes where it is used. */
  function connection() {
    const used: string[] = []
    const fetch = async (input: string | URL | Request, init?: RequestInit) => {
      const url = new URL(input instanceof Request ? input.url : input)
      used.push(url.href)
      const authorization = new Headers(init?.headers).get('authorization')
      return url.pathname === '/token' ? Response.json(good) : new Response(authorization)
    }
    return { fetch, used }
  }

  it('uses one connection for the token and for the calls, and no other', async () => {
    const { fetch, used } = connection()
    const auth = createClient({
      ...client,
      tokenEndpoint: 'https://as.example/token',
      senderConstraint: certificateBound({ fetch, thumbprint: THUMBPRINT }),
      fetch: async () => {
        throw new Error('not this connection')
      },
    })
    const response = await auth.fetch('https://api.example/orders')
    expect(await response.text()).toBe('Bearer at-1')
    expect(used).toEqual(['https://as.example/token', 'https://api.example/orders'])
  })

  it('names its binding by the thumbprint, the current one where that changes', async () => {
    const { fetch } = connection()
    const fixed = certificateBound({ fetch, thumbprint: THUMBPRINT })
    expect(await fixed.binding()).toBe(`x5t#S256:${THUMBPRINT}`)
    let current = THUMBPRINT
    const changing = certificateBound({ fetch, thumbprint: () => current })
    current = 'bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2'
    await expect(changing.binding()).rejects.toMatchObject({ option: 'thumbprint' })
    current = `B${THUMBPRINT.slice(1)}`
    expect(await changing.binding()).toBe(`x5t#S256:${current}`)
  })

  it('throws a token of type DPoP away', async () => {
    const auth = createClient({
      ...client,
      tokenEndpoint: 'https://as.example/token',
      senderConstraint: certificateBound({
        fetch: async () => Response.json({ ...good, token_type: 'DPoP' }),
        thumbprint: THUMBPRINT,
      }),
    })
    await expect(auth.getToken()).rejects.toMatchObject({ code: 'ERR_RESPONSE_MEMBER' })
  })

  const fetch = async () => new Response()
  it.each<[unknown, string]>([
    [{ thumbprint: THUMBPRINT }, "'fetch' is required"],
    [{ fetch: 1, thumbprint: THUMBPRINT }, 'fetch'],
    [{ fetch }, 'thumbprint'],
    [{ fetch, thumbprint: 'AA:BB' }, 'thumbprint'],
    [{ fetch, thumbprint: THUMBPRINT, thumprint: 1 }, "did you mean 'thumbprint'"],
  ])('refuses wrong options at once (%#)', (options, named) => {
    expect(() => certificateBound(options as never)).toThrow(named)
  })
})
