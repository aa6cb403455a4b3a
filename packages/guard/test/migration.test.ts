import {
  createGuard,
  type GuardEvent,
  type GuardOptions,
  type ProofReplayStore,
  type Verdict,
} from '@countersign/guard'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it, onTestFinished } from 'vitest'
import { API } from './bound-calls.ts'
import { AUDIENCE, startScriptedIssuer } from './scripted-issuer.ts'

/** As docs/guard/migration.md has it: a guard that enforces, and a stricter one beside it that reports. */
async function start(dpop: GuardOptions['dpop'] = {}) {
  const issuer = await startScriptedIssuer()
  onTestFinished(() => issuer[Symbol.asyncDispose]())
  const { origin, clock, mint } = issuer
  const api = {
    issuer: origin,
    audience: AUDIENCE,
    jwksUri: `${origin}/jwks`,
    now: clock.now,
  }
  const events: GuardEvent[] = []
  const inForce = createGuard({ ...api, dpop })
  const stricter = createGuard({
    ...api,
    dpop,
    binding: 'required',
    reportOnly: true,
    onEvent: (event) => events.push(event),
  })
  async function judge(headers: Record<string, string>): Promise<Verdict> {
    const request = { method: 'GET', url: '/orders', headers: new Headers(headers) }
    const verdict = await inForce(request)
    if (verdict.allowed) await stricter(request)
    return verdict
  }
  const key = proofMint()
  const bound = mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
  const plain = mint.token({ claims: { client_id: 'reports', sub: 'reports' } })
  const withProof = () => ({
    authorization: `DPoP ${bound}`,
    dpop: key.proof(`${API}/orders`, bound, clock.now()),
  })
  const reports = () =>
    events.flatMap((one) => (one.type === 'would_deny' ? [`${one.reason} ${one.clientId}`] : []))
  return { judge, plain, withProof, reports }
}

describe('a stricter guard that reports beside the one in force', () => {
  it('names the clients that would break, and refuses nobody', async () => {
    const { judge, plain, withProof, reports } = await start()
    const verdicts = [
      await judge({ authorization: `Bearer ${plain}` }),
      await judge(withProof()),
      await judge({ authorization: `Bearer ${plain}` }),
    ]
    expect(verdicts.map(({ allowed }) => allowed)).toEqual([true, true, true])
    expect(reports()).toEqual(['binding_required reports', 'binding_required reports'])
  })

  it('leaves the refusals to the guard in force', async () => {
    const { judge, reports } = await start()
    expect(await judge({ authorization: 'Bearer junk' })).toMatchObject({
      status: 401,
      reason: 'malformed_token',
    })
    expect(reports()).toEqual([])
  })

  it('would report every proof as used if both had one memory for them', async () => {
    const used = new Set<string>()
    const replay: ProofReplayStore = {
      reserve: (name) => used.size < used.add(name).size,
    }
    const { judge, withProof, reports } = await start({ replay })
    expect(await judge(withProof())).toMatchObject({ allowed: true })
    expect(reports()).toEqual(['dpop_replayed billing'])
  })
})
