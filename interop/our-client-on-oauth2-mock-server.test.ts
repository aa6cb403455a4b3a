import { createClient } from '@countersign/client'
import { OAuth2Server } from 'oauth2-mock-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const server = new OAuth2Server()
beforeAll(async () => {
  await server.issuer.keys.generate('RS256')
  await server.start(0, '127.0.0.1')
})
afterAll(() => server.stop())

/** Answers the next token request in another way than usual. */
function nextAnswer(
  change: (answer: { statusCode: number; body: Record<string, unknown> | '' }) => void,
) {
  server.service.once('beforeResponse', change)
}

describe('our client on oauth2-mock-server', () => {
  const options = () => ({
    issuer: server.issuer.url ?? '',
    clientId: 'billing',
    clientSecret: 's3cret',
  })

  it('obtains a token by OpenID discovery, and keeps it', async () => {
    const client = createClient({ ...options(), scope: ['read'] })
    const [first, second] = [await client.getToken(), await client.getToken()]
    expect(first.value.split('.')).toHaveLength(3)
    expect(second.value).toBe(first.value)
    expect(first.expiresAt).toBe(first.obtainedAt + 3_600_000)
  })

  it('lives on with its answers bent: life as text, no type, an outage', async () => {
    const client = createClient(options())
    nextAnswer((answer) => {
      answer.body = { access_token: 'opaque', expires_in: '60' }
    })
    expect(await client.getToken()).toMatchObject({ value: 'opaque', type: 'Bearer' })
    const another = createClient(options())
    nextAnswer((answer) => {
      answer.statusCode = 503
      answer.body = ''
    })
    // One failure that may pass is tried again, inside what callers wait for.
    expect((await another.getToken()).value.split('.')).toHaveLength(3)
  })
})
