import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REFUSAL_REASONS, type RequestRefused } from '@countersign/server'
import type { RunningAuthorizationServer } from '@countersign/testkit'
import { ASSERTION_REFUSALS } from './assertion-refusals.ts'
import { postToken } from './post-token.ts'
import { REFUSALS } from './refusals.ts'
import { startTwoApis } from './two-apis.ts'

let server: RunningAuthorizationServer
let billing: RunningAuthorizationServer['client']
let idle: RunningAuthorizationServer['client']
beforeAll(async () => {
  server = await startTwoApis()
  billing = server.client
  idle = { clientId: 'idle', clientSecret: server.secrets['idle'] ?? '' }
})
afterAll(() => server.close())

describe('the token endpoint refuses', () => {
  it.each(REFUSALS)('%s: %s', async (_what, reason, post) => {
    const { status, headers, json } = await postToken(server.tokenEndpoint, post({ billing, idle }))
    const expected = REFUSAL_REASONS[reason]
    const event = server.events.at(-1)
    expect(event).toMatchObject({ type: 'token.refused', reason })
    // [std:24] [std:25]
    expect(json).toEqual({
      error: expected.error,
      error_description: expected.description,
      correlation_id: (event as RequestRefused).correlationId,
    })
    expect(headers.get('correlation-id')).toBe(json['correlation_id'])
    expect(status).toBe(expected.status)
    expect(headers.get('content-type')).toBe('application/json')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('pragma')).toBe('no-cache')
    expect(headers.get('www-authenticate')).toBe(
      expected.status === 401 ? `Basic realm="${server.issuer}/"` : null,
    )
  })

  it('every reason of the catalogue, here or where the reason has a file of its own', () => {
    const elsewhere = [
      'method_not_allowed',
      'sender_constraint_missing',
      'authorization_details_malformed',
      'authorization_details_not_granted',
      'authorization_details_invalid',
      'client_disabled',
      'secret_expired',
      'master_key_missing',
      'body_late',
      'token_missing',
      'token_of_another_client',
      'usage_malformed',
      'usage_not_for_caller',
      'assertion_replayed',
      // workload-identity.test.ts
      'issuer_disabled',
      'identity_unknown',
      'identity_claims_differ',
      'identity_ambiguous',
      // tls-client-auth.test.ts
      'certificate_proxy_untrusted',
      'certificate_malformed',
      'certificate_unverified',
      'certificate_unknown',
      // dpop-tokens.test.ts
      'dpop_nonce_needed',
      'dpop_proof_invalid',
      'dpop_proof_replayed',
    ]
    const covered = new Set([
      ...REFUSALS.map(([, reason]) => reason),
      ...ASSERTION_REFUSALS.map(([, reason]) => reason),
      ...elsewhere,
    ])
    expect(Object.keys(REFUSAL_REASONS).filter((reason) => !covered.has(reason as never))).toEqual(
      [],
    )
  })

  it('with a correlation identifier of its own, whatever the caller sends', async () => {
    const chosen = '00000000-0000-4000-8000-000000000000'
    const headers = { 'correlation-id': chosen, 'x-correlation-id': chosen, 'x-request-id': chosen }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => postToken(server.tokenEndpoint, { headers })),
    )
    const ids = new Set(answers.map(({ json }) => String(json['correlation_id'])))
    expect(ids.size).toBe(50)
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(ids.has(chosen)).toBe(false)
  })

  it('says the credential in the event once the client has proved itself', async () => {
    await postToken(server.tokenEndpoint, { basic: billing, form: { scope: 'unknown' } })
    expect(server.events.at(-1)).toMatchObject({ credentialId: expect.any(String) })
    await postToken(server.tokenEndpoint, { basic: { ...billing, clientSecret: 'x' } })
    expect(server.events.at(-1)).toMatchObject({ credentialId: undefined })
  })

  it('says the client in the event only where it is registered', async () => {
    await postToken(server.tokenEndpoint, { basic: { ...billing, clientSecret: 'x' } })
    expect(server.events.at(-1)).toMatchObject({ clientId: 'billing' })
    await postToken(server.tokenEndpoint, { basic: { ...billing, clientId: 'nobody' } })
    expect(server.events.at(-1)).toMatchObject({ clientId: undefined })
  })

  it('a body without a stated length as soon as it is over the cap', async () => {
    const part = new TextEncoder().encode('x'.repeat(1024))
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        controller.enqueue(part)
      },
    })
    const response = await server.server.fetch(
      new Request(server.tokenEndpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body,
        duplex: 'half',
      } as RequestInit),
    )
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(30)
  })
})

describe('REFUSAL_REASONS', () => {
  it('[std:25] describes in the characters that error_description may have', () => {
    for (const { description } of Object.values(REFUSAL_REASONS)) {
      expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    }
  })

  it('answers every failed authentication alike', () => {
    const refused = Object.values(REFUSAL_REASONS).filter(({ status }) => status === 401)
    expect(new Set(refused.map(({ error, description }) => error + description)).size).toBe(1)
  })
})
