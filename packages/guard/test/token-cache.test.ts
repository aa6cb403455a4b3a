import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { createGuard, type Guard, type GuardOptions, type Verdict } from '@countersign/guard'
import { proofMint } from '@countersign/testkit/contracts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import {
  AUDIENCE,
  bearer,
  gate,
  startScriptedIssuer,
  type ScriptedIssuer,
} from './scripted-issuer.ts'

const MINUTE = 60_000

/** The real check, counted. */
const signatureChecks = vi.spyOn(process.getBuiltinModule('node:crypto'), 'verify')
beforeEach(() => void signatureChecks.mockClear())

/** A scripted issuer and one token of it that its guard has seen. */
async function seen(options: Partial<GuardOptions> = {}) {
  const issuer = await startScriptedIssuer(options)
  const token = issuer.mint.token()
  expect(await issuer.ask(token)).toBe('allowed')
  signatureChecks.mockClear()
  return { issuer, token }
}

/** Lets a renewal in the background come to its end. */
async function renewed(issuer: ScriptedIssuer): Promise<void> {
  const loads = issuer.events.filter(({ type }) => type === 'loaded')
  await issuer.told('loaded', loads.length + 1)
}

describe('a token that a guard has seen', () => {
  it('costs no signature again', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    for (let i = 0; i < 100; i++) expect(await issuer.ask(token)).toBe('allowed')
    expect(signatureChecks).toHaveBeenCalledTimes(0)
  })

  it('costs one each time where nothing is remembered', async () => {
    const { issuer, token } = await seen({ tokenCache: false })
    await using _ = issuer
    for (let i = 0; i < 3; i++) expect(await issuer.ask(token)).toBe('allowed')
    expect(signatureChecks).toHaveBeenCalledTimes(3)
  })

  it('is refused the moment it has expired [field:63]', async () => {
    const { issuer, token } = await seen({ clockTolerance: 0 })
    await using _ = issuer
    // The mint's tokens live for ten minutes; the keys are fresh for as long.
    issuer.clock.advance(10 * MINUTE - 1)
    expect(await issuer.ask(token)).toBe('allowed')
    expect(signatureChecks).toHaveBeenCalledTimes(0)
    issuer.clock.advance(1)
    expect(await issuer.ask(token)).toBe('401 expired')
    expect(await issuer.ask(token)).toBe('401 expired')
  })

  it('is refused before its time once the clock has been set back', async () => {
    await using issuer = await startScriptedIssuer()
    const iat = Math.floor(issuer.clock.now() / 1000)
    const token = issuer.mint.token({ claims: { nbf: iat } })
    expect(await issuer.ask(token)).toBe('allowed')
    issuer.clock.advance(-30_000)
    expect(await issuer.ask(token)).toBe('401 not_yet_valid')
  })

  it('is refused once its key is withdrawn [field:62]', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    issuer.publish(issuer.newMint('second'))
    issuer.clock.advance(9 * MINUTE + 1)
    const renewal = renewed(issuer)
    expect(await issuer.ask(token)).toBe('allowed')
    await renewal
    expect(await issuer.ask(token)).toBe('401 unknown_key')
    expect(await issuer.ask(token)).toBe('401 unknown_key')
  })

  it('is refused once another key has its kid [field:62]', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    const other = issuer.newMint('first')
    issuer.publish(other)
    issuer.clock.advance(9 * MINUTE + 1)
    const renewal = renewed(issuer)
    await issuer.ask(token)
    await renewal
    expect(await issuer.ask(token)).toBe('401 bad_signature')
    expect(await issuer.ask(other.token())).toBe('allowed')
  })

  it('is refused once its key is for another algorithm', async () => {
    await using issuer = await startScriptedIssuer()
    const rsa = issuer.newMint('rsa', 'RS256')
    issuer.publish(rsa)
    const token = rsa.token()
    expect(await issuer.ask(token)).toBe('allowed')
    issuer.publish({ jwk: { ...rsa.jwk, alg: 'PS256' } })
    issuer.clock.advance(9 * MINUTE + 1)
    const renewal = renewed(issuer)
    await issuer.ask(token)
    await renewal
    expect(await issuer.ask(token)).toBe('401 unknown_key')
  })

  it('stays known while its key stays, whatever else is published', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    issuer.publish(issuer.newMint('second'), issuer.mint)
    issuer.clock.advance(9 * MINUTE + 1)
    const renewal = renewed(issuer)
    await issuer.ask(token)
    await renewal
    expect(await issuer.ask(token)).toBe('allowed')
    expect(signatureChecks).toHaveBeenCalledTimes(0)
  })

  it('drives the renewal of keys as any other does', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    expect(issuer.keyRequests()).toHaveLength(1)
    issuer.clock.advance(9 * MINUTE + 1)
    const renewal = renewed(issuer)
    await issuer.ask(token)
    await renewal
    expect(issuer.keyRequests()).toHaveLength(2)
  })

  it('goes on through an outage up to the stale bound, then is nobody’s fault, and comes back', async () => {
    await using issuer = await startScriptedIssuer()
    const exp = Math.floor(issuer.clock.now() / 1000) + 86_400
    const token = issuer.mint.token({ claims: { exp } })
    expect(await issuer.ask(token)).toBe('allowed')
    issuer.respond(() => new Response('', { status: 500 }))
    for (let minute = 0; minute < 69; minute += 3) {
      issuer.clock.advance(3 * MINUTE)
      expect(await issuer.ask(token)).toBe('allowed')
    }
    issuer.clock.advance(3 * MINUTE)
    expect(await issuer.ask(token)).toBe('503 keys_unavailable')
    issuer.respond(undefined)
    issuer.clock.advance(3 * MINUTE)
    expect(await issuer.ask(token)).toBe('allowed')
  })

  it('waits for keys that are no longer fresh, and is judged by what comes', async () => {
    const { issuer } = await seen()
    await using _ = issuer
    const exp = Math.floor(issuer.clock.now() / 1000) + 86_400
    const token = issuer.mint.token({ claims: { exp } })
    expect(await issuer.ask(token)).toBe('allowed')
    const held = gate()
    const second = issuer.newMint('second')
    issuer.respond(async () => {
      await held.opened
      return Response.json(second.jwks)
    })
    issuer.clock.advance(11 * MINUTE)
    const asked = [issuer.ask(token), issuer.ask(token)]
    held.open()
    expect(await Promise.all(asked)).toEqual(['401 unknown_key', '401 unknown_key'])
  })

  it('misses when any bit of it is another', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    const bit = fc.tuple(fc.nat(token.length - 1), fc.nat(6))
    await fc.assert(
      fc.asyncProperty(bit, async ([at, shift]) => {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ (1 << shift))
        const changed = token.slice(0, at) + flipped + token.slice(at + 1)
        expect(await askRaw(issuer.guard, changed)).not.toBe('allowed')
        expect(await issuer.ask(token)).toBe('allowed')
      }),
      { numRuns: 500 },
    )
  })

  it('misses when it is cut, grown, or put together from two that are known', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    const other = issuer.mint.token()
    expect(await issuer.ask(other)).toBe('allowed')
    const signature = token.slice(token.lastIndexOf('.'))
    const changed = [
      token.slice(1),
      token.slice(0, -1),
      `${token}A`,
      `${token}=`,
      `A${token}`,
      token.slice(token.indexOf('.')),
      other.slice(0, other.lastIndexOf('.')) + signature,
      signature.slice(1),
    ]
    for (const one of changed) expect(await askRaw(issuer.guard, one)).not.toBe('allowed')
  })

  it('is refused by each route whose scope it lacks, seen or not', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    const ask = (scope: string): Promise<Verdict> =>
      issuer.guard(bearer(token), { scope: { all: [scope] } })
    expect(await ask('orders:read')).toMatchObject({ allowed: true })
    expect(await ask('orders:write')).toMatchObject({ reason: 'insufficient_scope' })
    expect(await issuer.guard(bearer(token), { principal: 'user' })).toMatchObject({
      reason: 'principal_kind',
    })
  })

  it('must be proven at every call where it is bound', async () => {
    await using issuer = await startScriptedIssuer({ dpop: {} })
    const key = proofMint()
    const token = issuer.mint.token({ claims: { cnf: { jkt: key.thumbprint } } })
    const proof = (): string =>
      key.proof('https://api.example/orders/1', token, issuer.clock.now(), {})
    const call = async (scheme: string, proved?: string): Promise<string> => {
      const headers = new Headers({ authorization: `${scheme} ${token}` })
      if (proved !== undefined) headers.set('dpop', proved)
      const verdict = await issuer.guard({ method: 'GET', url: '/orders/1', headers })
      return verdict.allowed ? 'allowed' : verdict.reason
    }
    const first = proof()
    expect(await call('DPoP', first)).toBe('allowed')
    expect(await call('DPoP', first)).toBe('dpop_replayed')
    expect(await call('DPoP')).toBe('dpop_no_proof')
    expect(await call('Bearer')).toBe('dpop_required')
    expect(await call('DPoP', proof())).toBe('allowed')
  })

  it('is unknown to a guard for another API, and to one for another issuer', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    const common = { jwksUri: `${issuer.origin}/jwks`, now: issuer.clock.now }
    const elsewhere = createGuard({ ...common, issuer: issuer.origin, audience: 'https://other' })
    const stranger = createGuard({ ...common, issuer: 'https://as.example', audience: AUDIENCE })
    for (let call = 0; call < 2; call++) {
      expect(await askRaw(elsewhere, token)).toBe('wrong_audience')
      expect(await askRaw(stranger, token)).toBe('wrong_issuer')
    }
  })

  it('is held within the bounds: the ones seen last cost nothing, the others a signature', async () => {
    await using issuer = await startScriptedIssuer({ tokenCache: { maxEntries: 4 } })
    const tokens = Array.from({ length: 20 }, () => issuer.mint.token())
    for (const token of tokens) expect(await issuer.ask(token)).toBe('allowed')
    signatureChecks.mockClear()
    for (const token of tokens.slice(-2)) await issuer.ask(token)
    expect(signatureChecks).toHaveBeenCalledTimes(0)
    for (const token of tokens.slice(0, 16)) await issuer.ask(token)
    expect(signatureChecks).toHaveBeenCalledTimes(16)
  })

  it('is held within the bytes', async () => {
    await using issuer = await startScriptedIssuer({ tokenCache: { maxBytes: 65_536 } })
    const tokens = Array.from({ length: 40 }, () =>
      issuer.mint.token({ claims: { roles: Array.from({ length: 50 }, (_, role) => ({ role })) } }),
    )
    for (const token of tokens) expect(await issuer.ask(token)).toBe('allowed')
    signatureChecks.mockClear()
    for (const token of tokens) await issuer.ask(token)
    expect(signatureChecks.mock.calls.length).toBeGreaterThanOrEqual(30)
  })

  it('is not to be seen in the guard, a verdict, an event or an explanation', async () => {
    const { issuer, token } = await seen()
    await using _ = issuer
    const told: unknown[] = [issuer.guard, issuer.events]
    told.push(await issuer.guard(bearer(token)), await issuer.guard.explain(bearer(token)))
    told.push(await issuer.guard(bearer(token), { scope: { all: ['orders:write'] } }))
    issuer.clock.advance(11 * MINUTE)
    told.push(await issuer.guard(bearer(token)), await issuer.guard.explain(bearer(token)))
    const [header = '', payload = '', signature = ''] = token.split('.')
    const text = inspect(told, { depth: 20, showHidden: true }) + JSON.stringify(told)
    for (const marker of [header, payload, signature]) expect(text).not.toContain(marker)
  })
})

async function askRaw(guard: Guard, token: string): Promise<string> {
  const headers = { get: (name: string) => (name === 'authorization' ? `Bearer ${token}` : null) }
  const verdict = await guard({ method: 'GET', url: '/orders/1', headers })
  return verdict.allowed ? 'allowed' : verdict.reason
}
