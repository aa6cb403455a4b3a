import { DENIAL_REASONS, type Rule } from '@countersign/guard'
import { parseChallenges } from '@countersign/protocol'
import type { HostileGroup, MintAlgorithm } from '@countersign/testkit/hostile'
import { createHmac } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { directAttacks, directCases } from './hostile-requests.ts'
import { startScriptedIssuer } from './scripted-issuer.ts'

const READ: Rule = { scope: { all: ['orders:read'] } }
const ALGORITHMS: readonly MintAlgorithm[] = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']

/** The groups of cases, and the failures of others that each keeps out. */
const GROUPS: readonly (readonly [group: HostileGroup, failures: string])[] = [
  ['honest', '[field:25, 29, 31, 36, 37, 42]'],
  ['algorithm', '[field:1, 2, 3, 4, 5, 6, 8, 9, 10, 11]'],
  ['header', '[field:12, 13, 15, 16, 17, 18, 19, 20]'],
  ['claims', '[field:21, 22, 23, 24, 25, 26]'],
  ['rfc9068', '[std:105]'],
  ['scope', '[field:31, 45]'],
  ['principal', '[field:33]'],
  ['binding', '[field:41]'],
  ['request', '[field:35, 36, 37, 38, 41]'],
  ['method', '[field:39]'],
]

describe('a guard that meets hostile requests', async () => {
  const shared = await startScriptedIssuer()
  afterAll(() => shared[Symbol.asyncDispose]())
  const mints = ALGORITHMS.map((algorithm) => shared.newMint(algorithm, algorithm))
  shared.publish(...mints)

  it.each(GROUPS)(
    'gives each of the group %s its reason, under every algorithm %s [std:82] [std:84] [std:90] [std:98]',
    async (group) => {
      for (const mint of mints) {
        const cases = directCases(mint).filter((one) => one.group === group)
        expect(cases.length).toBeGreaterThan(1)
        for (const { name, request, status, reason } of cases) {
          const verdict = await shared.guard(request, READ)
          const given = verdict.allowed
            ? { status: 200 }
            : { status: verdict.status, reason: verdict.reason }
          expect([name, mint.algorithm, given]).toEqual([name, mint.algorithm, { status, reason }])
        }
      }
    },
  )

  it('answers each with a constant text and nothing of theirs [std:36] [field:43, 47, 48]', async () => {
    await using issuer = await startScriptedIssuer()
    const texts = new Set(Object.values(DENIAL_REASONS).map(({ description }) => description))
    for (const { name, request } of directAttacks(issuer.mint)) {
      const verdict = await issuer.guard(request, READ)
      if (verdict.allowed) throw new Error(name)
      const challenges = parseChallenges(verdict.challenge ?? '')
      const [challenge] = challenges.ok ? challenges.value : []
      const text = challenge?.parameters.get('error_description')
      if (verdict.reason !== 'no_credentials') expect(texts).toContain(text)
      expect(verdict.challenge).toMatch(/^[\x20-\x7e]+$/)
      expect(['realm', 'error', 'error_description', 'scope']).toEqual(
        expect.arrayContaining([...(challenge?.parameters.keys() ?? [])]),
      )
    }
  })

  it('takes no secret for a key, though the issuer publishes one [field:5, 9]', async () => {
    await using issuer = await startScriptedIssuer()
    const { mint } = issuer
    for (const secret of ['', 'secret']) {
      const k = Buffer.from(secret).toString('base64url')
      issuer.publish(mint, { jwk: { kty: 'oct', k, kid: 'shared', alg: 'HS256' } })
      const token = mint.token({ header: { alg: 'HS256', kid: 'shared' } })
      const input = token.slice(0, token.lastIndexOf('.'))
      const signature = createHmac('sha256', secret).update(input).digest('base64url')
      expect(await issuer.ask(`${input}.${signature}`)).toBe('401 algorithm_not_allowed')
      const honest = mint.token({ header: { kid: 'shared' } })
      expect(await issuer.ask(honest)).not.toBe('allowed')
    }
  })

  it('uses neither the only key for a foreign kid, nor one for encryption or another algorithm [field:11]', async () => {
    await using issuer = await startScriptedIssuer()
    const { mint } = issuer
    expect(await issuer.ask(mint.token({ header: { kid: 'other' } }))).toBe('401 unknown_key')
    for (const changed of [{ use: 'enc' }, { alg: 'ES384' }, { key_ops: ['deriveKey'] }]) {
      await using other = await startScriptedIssuer()
      other.publish({ jwk: { ...other.mint.jwk, ...changed } })
      expect(await other.ask(other.mint.token())).toBe('401 unknown_key')
    }
  })

  it('survives a key set that is nested two hundred thousand deep [field:17]', async () => {
    await using issuer = await startScriptedIssuer()
    const deep = `{"keys":${'['.repeat(200_000)}${']'.repeat(200_000)}}`
    issuer.respond(() => new Response(deep, { headers: { 'content-type': 'application/json' } }))
    expect(await issuer.ask(issuer.mint.token())).toBe('503 keys_unavailable')
    issuer.respond(undefined)
    issuer.clock.advance(2000)
    expect(await issuer.ask(issuer.mint.token())).toBe('allowed')
  })
})
