import { generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import type { LoopbackHandler } from '@countersign/testkit'
import { describe, expect, it } from 'vitest'
import type { ClientEvent } from '../src/index.ts'
import { createClient } from '../src/lib/create-client.ts'
import { dpop } from '../src/lib/sender-constraint/dpop.ts'
import { client, server } from './answering-endpoint.ts'
import { challenge, dpopTokenEndpoint } from './dpop-servers.ts'

const TOKEN = 'marker-token-77aa0c'

/** Everything about a value that could end in a log. */
function everythingLoggable(value: unknown): string {
  const seen = [inspect(value, { depth: 10, showHidden: true }), String(value)]
  seen.push(JSON.stringify(value) ?? '')
  for (let error = value; error instanceof Error; error = error.cause) {
    seen.push(error.message, error.stack ?? '', JSON.stringify(error))
  }
  return seen.join('\n')
}

const refusals: [string, LoopbackHandler][] = [
  ['a refused proof', () => challenge('invalid_dpop_proof')],
  ['a nonce that is never right', () => challenge('use_dpop_nonce', { 'dpop-nonce': 'n-1' })],
  ['a refused token', () => challenge('invalid_token')],
  ['a redirect elsewhere', () => Response.redirect('https://other.example/', 302)],
  ['a failure of the API', () => Response.json({ error: 'server_error' }, { status: 500 })],
]

describe('no private key, proof or token', () => {
  it.each(refusals)('is in errors, events or what can be logged after %s', async (_, handler) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = privateKey.export({ format: 'jwk' })
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
    const endpoint = await dpopTokenEndpoint(undefined, () => ({
      access_token: TOKEN,
      token_type: 'DPoP',
    }))
    const api = await server(handler)
    for (const key of [jwk, pem]) {
      const events: ClientEvent[] = []
      const constraint = dpop({ key })
      const auth = createClient({
        ...client,
        tokenEndpoint: endpoint.origin,
        senderConstraint: constraint,
        onEvent: (event) => events.push(event),
      })
      const outcome: unknown = await auth.fetch(api.origin).catch((reason: unknown) => reason)
      const token = await auth.getToken()
      const text = [outcome, events, constraint, auth, token].map(everythingLoggable).join('\n')
      const proofs = [...api.requests, ...endpoint.requests].map(({ headers }) =>
        headers.get('dpop'),
      )
      expect(proofs.length).toBeGreaterThan(1)
      const secrets = [TOKEN, jwk.d, pem.split('\n')[1], ...proofs]
      for (const secret of secrets) expect(text).not.toContain(secret)
    }
  })

  it('is in the failure to make a proof, or to import a key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = privateKey.export({ format: 'jwk' })
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
    const attempts: (() => unknown)[] = [
      () => dpop({ key: { ...jwk, x: 'AA' } }).binding(),
      () => dpop({ key: { ...jwk, crv: 'P-999' } }),
      () => dpop({ key: pem.replace('PRIVATE', 'SECRET') }),
      () => dpop({ key: pem.replace('-----END', '----END') }),
      () => dpop({ key: [jwk] as never }),
      () =>
        dpop({
          key: {
            alg: 'ES256',
            publicJwk: { kty: 'EC', crv: 'P-256', x: `${jwk.x}`, y: `${jwk.y}` },
            sign: async () => {
              throw new Error(`KMS said ${jwk.d}`)
            },
          },
        }).headers({ role: 'resource', method: 'GET', url: new URL('https://a.example') }),
    ]
    for (const attempt of attempts) {
      const failure: unknown = await (async () => attempt())().catch((reason: unknown) => reason)
      expect(failure).toBeInstanceOf(Error)
      const text = everythingLoggable(failure)
      for (const secret of [`${jwk.d}`, `${pem.split('\n')[1]}`]) expect(text).not.toContain(secret)
    }
  })
})
