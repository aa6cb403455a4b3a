import { inspect } from 'node:util'
import { DENIAL_REASONS, type Check, type Explanation, type Rule } from '@countersign/guard'
import { proofMint } from '@countersign/testkit/contracts'
import { describe, expect, it } from 'vitest'
import { directAttacks } from './hostile-requests.ts'
import { bearer, startScriptedIssuer } from './scripted-issuer.ts'

const READ: Rule = { scope: { all: ['orders:read'] } }
const NAMES = [
  'credentials',
  'format',
  'algorithm',
  'type',
  'key',
  'signature',
  'claims',
  'issuer',
  'audience',
  'lifetime',
  'revocation',
  'binding',
  'principal',
  'scope',
]

function failedOf({ checks }: Explanation): Check | undefined {
  return checks.find(({ outcome }) => outcome === 'failed')
}

describe('guard.explain', () => {
  it('says that every check of a good request is ok', async () => {
    await using issuer = await startScriptedIssuer()
    expect(await issuer.guard.explain(bearer(issuer.mint.token()), READ)).toEqual({
      allowed: true,
      checks: NAMES.map((name) => ({ name, outcome: 'ok' })),
    })
  })

  it('names the check that failed with its cure, ok before it and skipped after it', async () => {
    await using issuer = await startScriptedIssuer()
    const token = issuer.mint.token({ claims: { aud: 'https://other.example' } })
    const { allowed, checks } = await issuer.guard.explain(bearer(token), READ)
    expect(allowed).toBe(false)
    expect(checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      ...NAMES.slice(0, 8).map((name) => `${name} ok`),
      'audience failed',
      ...NAMES.slice(9).map((name) => `${name} skipped`),
    ])
    const { meaning, cure } = DENIAL_REASONS.wrong_audience
    expect(checks[8]).toEqual({
      name: 'audience',
      outcome: 'failed',
      reason: 'wrong_audience',
      meaning,
      cure,
    })
  })

  it('tells the same reason as the verdict, for every hostile request', async () => {
    await using issuer = await startScriptedIssuer()
    for (const { name, request } of directAttacks(issuer.mint)) {
      const verdict = await issuer.guard(request, READ)
      const failed = failedOf(await issuer.guard.explain(request, READ))
      expect({ name, reason: failed?.outcome === 'failed' && failed.reason }).toEqual({
        name,
        reason: verdict.allowed ? 'allowed' : verdict.reason,
      })
    }
  })

  it('stands in the order in which the guard looks: of two faults, the earlier is told', async () => {
    await using issuer = await startScriptedIssuer()
    const { mint } = issuer
    const faults: readonly [string, Parameters<typeof mint.token>[0]][] = [
      ['algorithm', { header: { alg: 'HS256' } }],
      ['type', { header: { typ: 'JWT' } }],
      ['key', { header: { kid: 'unknown' } }],
      ['issuer', { claims: { iss: 'https://other.example' } }],
      ['audience', { claims: { aud: 'https://other.example' } }],
      ['lifetime', { claims: { exp: 1 } }],
      ['binding', { claims: { cnf: { jkt: 'a' } } }],
      ['principal', { claims: { sub: 'user-1' } }],
      ['scope', { claims: { scope: 'other' } }],
    ]
    for (const [index, [name, fault]] of faults.entries()) {
      const later = faults.slice(index).map(([, one]) => one ?? {})
      const header = Object.assign({}, ...later.map((one) => one.header))
      const claims = Object.assign({}, ...later.map((one) => one.claims))
      const both = { ...fault, header, claims }
      expect(failedOf(await issuer.guard.explain(bearer(mint.token(both)), READ))?.name).toBe(name)
    }
  })

  it('leaves no trace and holds no token', async () => {
    await using issuer = await startScriptedIssuer()
    await issuer.guard.ready()
    const before = issuer.events.length
    const request = new Request('https://api.example/?access_token=marker-7f3a')
    const seen = [
      await issuer.guard.explain(request),
      await issuer.guard.explain(bearer('marker-7f3a')),
      await issuer.guard.explain(bearer(issuer.mint.token({ claims: { sub: 'marker-7f3a' } }))),
    ]
    expect(seen.map(({ allowed }) => allowed)).toEqual([false, false, false])
    expect(inspect(seen, { depth: 9 })).not.toContain('marker-7f3a')
    expect(issuer.events.slice(before)).toEqual([])
  })

  it('leaves a proof unused, so that the request itself can still use it', async () => {
    await using issuer = await startScriptedIssuer({ dpop: {} })
    const key = proofMint()
    const token = issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
    const dpop = key.proof('https://api.example/orders/1', token, issuer.clock.now())
    const headers = { authorization: `DPoP ${token}`, dpop }
    const request = new Request('https://api.example/orders/1', { headers })
    expect((await issuer.guard.explain(request, READ)).allowed).toBe(true)
    expect((await issuer.guard.explain(request, READ)).allowed).toBe(true)
    expect((await issuer.guard(request, READ)).allowed).toBe(true)
    expect(await issuer.guard(request, READ)).toMatchObject({ reason: 'dpop_replayed' })
    headers.dpop = 'junk'
    const broken = await issuer.guard.explain(new Request(request.url, { headers }), READ)
    expect(failedOf(broken)).toMatchObject({ name: 'binding', reason: 'dpop_malformed_proof' })
  })

  it('tells what a guard that only reports would deny', async () => {
    await using issuer = await startScriptedIssuer({ reportOnly: true })
    const explained = await issuer.guard.explain(new Request('https://api.example'), READ)
    expect(explained.allowed).toBe(false)
    expect(failedOf(explained)).toMatchObject({ reason: 'no_credentials' })
  })

  it('refuses a wrong rule', async () => {
    await using issuer = await startScriptedIssuer()
    const wrong = issuer.guard.explain(bearer('x'), { scopes: [] } as Rule)
    await expect(wrong).rejects.toMatchObject({ name: 'ArgumentError', option: 'scopes' })
  })
})
