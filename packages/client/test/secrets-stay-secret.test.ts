import { inspect } from 'node:util'
import { startLoopbackServer, type LoopbackHandler } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { createClient, type ClientEvent } from '../src/index.ts'

const SECRET = 'marker-secret-4f9d+/= é'
const TOKEN = 'marker-token-77aa0c'
const BODY = 'marker-body-c01d'

/** Everything about a value that could end in a log. */
function everythingLoggable(value: unknown): string {
  const seen = [inspect(value, { depth: 10, showHidden: true }), String(value)]
  seen.push(JSON.stringify(value) ?? '')
  for (let error = value; error instanceof Error; error = error.cause) {
    seen.push(
      error.message,
      error.stack ?? '',
      JSON.stringify(error),
      inspect(error, { showHidden: true }),
    )
  }
  return seen.join('\n')
}

function expectNoMarker(value: unknown): void {
  const text = everythingLoggable(value)
  const forms = [
    SECRET,
    encodeURIComponent(SECRET),
    new URLSearchParams({ s: SECRET }).toString().slice(2),
  ]
  forms.push(Buffer.from(`billing:${SECRET}`).toString('base64'))
  forms.push(
    Buffer.from(`billing:${new URLSearchParams({ s: SECRET }).toString().slice(2)}`).toString(
      'base64',
    ),
  )
  for (const marker of [...forms, TOKEN, BODY]) expect(text).not.toContain(marker)
}

const answers: [string, LoopbackHandler][] = [
  ['a token in a broken JSON', () => new Response(`{"access_token":"${TOKEN}",`)],
  ['a token with a wrong type', () => Response.json({ access_token: TOKEN, token_type: 'mac' })],
  ['a token with a wrong life', () => Response.json({ access_token: TOKEN, expires_in: {} })],
  ['a token that cannot be a header', () => Response.json({ access_token: `${TOKEN}\n` })],
  [
    'a page that echoes the request',
    async (request) => new Response(`<p>${BODY} ${await request.text()}`, { status: 500 }),
  ],
  ['a refusal', () => Response.json({ error: 'invalid_client', debug: BODY }, { status: 401 })],
  [
    'a refusal that quotes the request',
    async (request) =>
      Response.json(
        {
          error: 'invalid_client',
          error_description: `wrong: ${request.headers.get('authorization')} or ${SECRET}`,
          error_uri: `https://as.example/?${await request.text()}&${SECRET}`,
        },
        { status: 401 },
      ),
  ],
  ['a redirect with a secret in it', () => Response.redirect(`https://x.example/?t=${TOKEN}`, 302)],
]

describe.each(['client_secret_basic', 'client_secret_post'] as const)(
  'with %s, no secret, token or body',
  (authMethod) => {
    it.each(answers)('is in errors and events after %s', async (_, handler) => {
      await using server = await startLoopbackServer(handler)
      const events: ClientEvent[] = []
      const client = createClient({
        tokenEndpoint: server.origin,
        clientId: 'billing',
        clientSecret: SECRET,
        authMethod,
        onEvent: (event) => events.push(event),
      })
      const error: unknown = await client.getToken().catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Error)
      expect(events).toHaveLength(1)
      expectNoMarker(error)
      expectNoMarker(events)
      expectNoMarker(client)
    })

    it('is in an error made from what a foreign fetch throws', async () => {
      const client = createClient({
        tokenEndpoint: 'https://as.example/token',
        clientId: 'billing',
        clientSecret: SECRET,
        authMethod,
        fetch: async (input, init) => {
          const failure = Object.assign(
            new Error(`failed with ${JSON.stringify(init)} ${SECRET}`),
            {
              config: { input, init },
              code: 'ECONNRESET',
            },
          )
          throw Object.assign(new Error('fetch failed', { cause: failure }), { request: init })
        },
      })
      const error: unknown = await client.getToken().catch((reason: unknown) => reason)
      expect(error).toMatchObject({
        code: 'ERR_NETWORK',
        message: 'https://as.example could not be reached (ECONNRESET)',
      })
      expectNoMarker(error)
    })

    it('is in a token that is logged, or in what a wrong option throws', async () => {
      await using server = await startLoopbackServer(() => Response.json({ access_token: TOKEN }))
      const options = {
        tokenEndpoint: server.origin,
        clientId: 'billing',
        clientSecret: SECRET,
        authMethod,
      }
      const token = await createClient(options).getToken()
      expect(token.value).toBe(TOKEN)
      expectNoMarker(token)
      for (const wrong of [
        { scope: `${SECRET}"` },
        { timeout: SECRET },
        { clientSecret: [SECRET] },
        { issuer: `https://u:${TOKEN}@x.example` },
      ]) {
        expect(() => createClient({ ...options, ...wrong } as never)).toThrow()
        try {
          createClient({ ...options, ...wrong } as never)
        } catch (error) {
          expectNoMarker(error)
        }
      }
    })

    it('is in an error of a secret source that fails with the secret in its message', async () => {
      const client = createClient({
        tokenEndpoint: 'https://as.example/token',
        clientId: 'billing',
        authMethod,
        clientSecret: () => {
          throw new Error(`vault said ${SECRET}`)
        },
      })
      expectNoMarker(await client.getToken().catch((reason: unknown) => reason))
    })
  },
)
