import { handClock, startAuthorizationServer } from '@countersign/testkit'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'

describe('jwtMinter', () => {
  it.each([0, 1, 500, 999])(
    'lets a one-second token live a second, %i ms after the full second',
    async (offset) => {
      const clock = handClock(1_800_000_000_000 + offset)
      await using server = await startAuthorizationServer({
        now: clock.now,
        resources: [{ resource: 'urn:api', scopes: ['read'], tokenLifetimeSeconds: 1 }],
      })
      const { clientId, clientSecret } = server.client
      const response = await fetch(server.tokenEndpoint, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
        }),
      })
      const { access_token: token } = (await response.json()) as { access_token: string }
      const { exp = 0 } = decodeJwt(token)
      expect(exp * 1000 - clock.now()).toBeGreaterThanOrEqual(1000)
      expect(exp * 1000 - clock.now()).toBeLessThan(2000)
    },
  )
})
