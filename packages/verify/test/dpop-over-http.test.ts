import { request } from 'node:http'
import { startLoopbackServer, type LoopbackServer } from '@countersign/testkit'
import { DPOP_FAULTS, dpopNonces, dpopVerifier } from '@countersign/verify'
import { expect, it, onTestFinished } from 'vitest'
import { proofMint, tokenHash } from './proof-mint.ts'

const TOKEN = 'the.access.token'

/** An API that wants a proof with a nonce, and takes each proof once. */
async function startApi(): Promise<LoopbackServer> {
  const nonces = dpopNonces({ secrets: ['the secret that all nodes share!'], audience: 'api' })
  const verify = dpopVerifier({ nonces })
  const taken = new Map<string, number>()
  const api = await startLoopbackServer(async (received) => {
    const proof = received.headers.get('dpop')
    const { method, url } = received
    const verdict = await verify({ proof, method, url, accessToken: TOKEN })
    const headers: Record<string, string> = { 'cache-control': 'no-store' }
    if (verdict.nextNonce !== undefined) headers['dpop-nonce'] = verdict.nextNonce
    if (!verdict.ok) {
      const { error } = DPOP_FAULTS[verdict.reason]
      return Response.json({ error, reason: verdict.reason }, { status: 401, headers })
    }
    if (taken.has(verdict.replay.key)) return Response.json({ reason: 'replay' }, { status: 401 })
    taken.set(verdict.replay.key, verdict.replay.until)
    return Response.json({ reason: 'ok', jkt: verdict.thumbprint }, { headers })
  })
  onTestFinished(() => api.close())
  return api
}

interface Answer {
  readonly status: number | undefined
  readonly nonce: string | undefined
  readonly body: { readonly reason: string }
}

/** A call with as many `DPoP` headers as there are proofs. */
function call(url: string, ...proofs: readonly string[]): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const headers = ['Host', new URL(url).host, ...proofs.flatMap((proof) => ['DPoP', proof])]
  request(url, { headers }, (response) => {
    let text = ''
    response.on('data', (chunk: Buffer) => (text += chunk.toString()))
    response.on('end', () => {
      const nonce = response.headers['dpop-nonce'] as string | undefined
      resolve({ status: response.statusCode, nonce, body: JSON.parse(text) as Answer['body'] })
    })
  })
    .on('error', reject)
    .end()
  return promise
}

it('a server asks for its nonce, takes a proof once, and takes no two [std:212] [std:218] [std:220]', async () => {
  const api = await startApi()
  const url = `${api.origin}/orders?page=1`
  const { proof } = proofMint(Date.now)
  const claims = { htm: 'GET', htu: `${api.origin}/orders`, ath: tokenHash(TOKEN) }

  const first = await call(url, proof({ claims }))
  expect(first).toMatchObject({ status: 401, body: { error: 'use_dpop_nonce' } })
  const withNonce = { ...claims, nonce: first.nonce }
  const good = proof({ claims: withNonce })
  expect(await call(url, good)).toMatchObject({ status: 200, nonce: undefined })
  expect(await call(url, good)).toMatchObject({ status: 401, body: { reason: 'replay' } })

  const two = [proof({ claims: withNonce }), proof({ claims: withNonce })]
  expect((await call(url, ...two)).body.reason).toBe('several_proofs')
  expect((await call(url)).body.reason).toBe('no_proof')
  expect((await call(`${api.origin}/other`, proof({ claims: withNonce }))).body.reason).toBe(
    'wrong_url',
  )
  expect(await call(url, proof({ claims: withNonce }))).toMatchObject({ status: 200 })
})
