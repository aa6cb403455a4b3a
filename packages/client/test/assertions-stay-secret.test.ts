import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import type { LoopbackHandler } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import { clientSecretJwt } from '../src/lib/client-authentication/client-secret-jwt.ts'
import type { ClientAuthentication } from '../src/lib/client-authentication/client-authentication.ts'
import { federatedAssertion } from '../src/lib/client-authentication/federated-assertion.ts'
import { privateKeyJwt } from '../src/lib/client-authentication/private-key-jwt.ts'
import { clientCredentials } from '../src/lib/grants/client-credentials.ts'
import { jwtBearer } from '../src/lib/grants/jwt-bearer.ts'
import { signedAssertion } from '../src/lib/grants/signed-assertion.ts'
import type { TokenSource } from '../src/lib/token-source.ts'
import type { ClientEvent } from '../src/index.ts'
import { server } from './answering-endpoint.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = privateKey.export({ format: 'jwk' }) as JsonWebKey
const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
const SECRET = 'marker-secret of thirty-two bytes'
const PLATFORM = 'bWFya2Vy.cGxhdGZvcm0.Zm9yZWlnbi1zaWduYXR1cmU'

/** Everything about a value that could end in a log. */
function everythingLoggable(value: unknown): string {
  const seen = [inspect(value, { depth: 12, showHidden: true }), String(value)]
  seen.push(JSON.stringify(value) ?? '')
  if (value instanceof Error) seen.push(value.stack ?? '', inspect(value.cause))
  return seen.join('\n')
}

/** Nothing of the key, of the secret, or of any assertion that went over the wire. */
function expectNoMarker(value: unknown, bodies: readonly string[]): void {
  const text = everythingLoggable(value)
  const sent = bodies.flatMap((body) => {
    const form = new URLSearchParams(body)
    return [form.get('client_assertion'), form.get('assertion')].filter((one) => one !== null)
  })
  const signatures = sent.map((assertion) => assertion.slice(assertion.lastIndexOf('.') + 1))
  const secrets = [SECRET, PLATFORM, jwk.d ?? '', pem.slice(30, 90), ...sent, ...signatures]
  for (const marker of secrets) expect(text).not.toContain(marker)
}

const PROOFS: readonly [string, () => ClientAuthentication][] = [
  ['a JWK', () => privateKeyJwt({ key: jwk })],
  ['a PEM key', () => privateKeyJwt({ key: () => pem, kid: 'k' })],
  ['a secret', () => clientSecretJwt({ clientSecret: () => [SECRET] })],
  ['a platform', () => federatedAssertion(() => PLATFORM)],
]

interface Asked {
  readonly tokenEndpoint: string
  readonly onEvent: (event: ClientEvent) => void
  readonly fetch?: typeof globalThis.fetch
}

const SOURCES: readonly [string, (asked: Asked) => TokenSource][] = [
  ...PROOFS.map(([name, proof]): [string, (asked: Asked) => TokenSource] => [
    name,
    (asked) => clientCredentials({ clientId: 'billing', clientAuthentication: proof(), ...asked }),
  ]),
  [
    'a grant',
    (asked) => jwtBearer({ assertion: signedAssertion({ key: jwk, iss: 'x' }), ...asked }),
  ],
]

const ANSWERS: readonly [string, LoopbackHandler][] = [
  ['a refusal', () => Response.json({ error: 'invalid_client' }, { status: 401 })],
  ['a refused grant', () => Response.json({ error: 'invalid_grant' }, { status: 400 })],
  ['a page that echoes', async (request) => new Response(await request.text(), { status: 500 })],
  ['JSON that echoes', async (request) => Response.json({ token_type: await request.text() })],
]

describe.each(SOURCES)('with the assertion of %s, no key, secret or assertion', (_, make) => {
  it.each(ANSWERS)('is in errors and events after %s', async (__, handler) => {
    const endpoint = await server(handler)
    const events: ClientEvent[] = []
    const source = make({ tokenEndpoint: endpoint.origin, onEvent: (event) => events.push(event) })
    const failure: unknown = await source().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: expect.stringMatching(/^ERR_(REFUSED|RESPONSE)/) })
    const bodies = endpoint.requests.map(({ body }) => body)
    expect(bodies.length).toBeGreaterThan(0)
    for (const value of [failure, events, source]) expectNoMarker(value, bodies)
  })

  it('is in an error made from what a foreign fetch throws', async () => {
    const bodies: string[] = []
    const source = make({
      tokenEndpoint: 'https://as.example/token',
      onEvent: () => {},
      fetch: async (_input, init) => {
        bodies.push(init?.body as string)
        throw Object.assign(new Error(`failed: ${init?.body as string}`), { request: init })
      },
    })
    const failure: unknown = await source().catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'ERR_NETWORK' })
    expect(bodies).toHaveLength(1)
    expectNoMarker(failure, bodies)
  })
})

describe.each(PROOFS)('the proof of %s', (_, make) => {
  it('shows nothing of its key or secret when it is logged, used or not', async () => {
    const proof = make()
    expectNoMarker(proof, [])
    expectNoMarker(await proof.fingerprint(), [])
    expectNoMarker(proof, [])
  })
})
