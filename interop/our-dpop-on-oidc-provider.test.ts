import { describe, expect, it, onTestFinished } from 'vitest'
import { createClient } from '@countersign/client'
import { dpop, type DpopOptions } from '@countersign/client/sender-constraint'
import {
  API,
  startBoundOidcProvider,
  type BoundOidcProvider,
} from './servers/oidc-provider-bound.ts'
import { startDpopApi } from './servers/dpop-api.ts'

const SECRET = 'a-secret-of-no-other-use'

async function provider(requireNonce: boolean): Promise<BoundOidcProvider> {
  const started = await startBoundOidcProvider({ secret: SECRET, requireNonce })
  onTestFinished(() => started[Symbol.asyncDispose]())
  return started
}

async function dpopApi(issuer: string, options = {}) {
  const started = await startDpopApi(issuer, options)
  onTestFinished(() => started.close())
  return started
}

function clientOf(issuer: string, options?: DpopOptions) {
  return createClient({
    issuer,
    clientId: 'dpop-client',
    clientSecret: SECRET,
    resource: API,
    scope: ['read'],
    senderConstraint: dpop(options),
  })
}

describe('our DPoP on oidc-provider', () => {
  it.each(['ES256', 'Ed25519'] as const)(
    'obtains a bound token and calls an API with it that checks the proof: %s',
    async (alg) => {
      const { issuer, statuses } = await provider(false)
      const api = await dpopApi(issuer)
      const auth = clientOf(issuer, { alg })
      for (const path of ['/orders', '/orders?x=1']) {
        const response = await auth.fetch(`${api.origin}${path}`, { method: 'POST', body: 'x' })
        expect(await response.json()).toEqual({ hello: 'dpop-client' })
      }
      expect((await auth.getToken()).type).toBe('DPoP')
      expect(statuses).toEqual([200])
    },
  )

  it('gives the nonce that both demand, once asked for', async () => {
    const { issuer, statuses } = await provider(true)
    const api = await dpopApi(issuer, { nonces: true })
    const auth = clientOf(issuer)
    const all = await Promise.all(Array.from({ length: 20 }, () => auth.fetch(api.origin)))
    expect(all.map(({ status }) => status)).toEqual(all.map(() => 200))
    expect(statuses).toEqual([400, 200])
    expect(api.requests).toHaveLength(21)
    await auth.getToken({ scope: 'write' })
    expect(statuses).toEqual([400, 200, 200])
  })

  it('is refused by oidc-provider without a constraint, as a client that must have one', async () => {
    const { issuer } = await provider(false)
    const auth = createClient({
      issuer,
      clientId: 'dpop-client',
      clientSecret: SECRET,
      resource: API,
      scope: 'read',
    })
    await expect(auth.getToken()).rejects.toMatchObject({ code: 'ERR_REFUSED' })
  })
})
