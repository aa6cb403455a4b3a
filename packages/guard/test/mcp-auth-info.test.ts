import type { ClientPrincipal, Principal, UserPrincipal } from '@countersign/guard'
import { authInfo, tokenVerifier, type TokenVerifier } from '@countersign/guard/mcp'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { bearer, startScriptedIssuer } from './scripted-issuer.ts'

class InvalidTokenError extends Error {}
class InsufficientScopeError extends Error {}
class ServerError extends Error {}

const errors = { InvalidTokenError, InsufficientScopeError, ServerError }

describe('what the guard tells the MCP SDK', () => {
  it('always has an end, as a whole number of seconds [field:44]', async () => {
    await using issuer = await startScriptedIssuer()
    const seconds = issuer.clock.now() / 1000
    for (const [exp, expiresAt] of [
      [seconds + 600, seconds + 600],
      [seconds + 0.75, seconds],
      [253_402_300_799, 253_402_300_799],
    ] as const) {
      const verdict = await issuer.guard(bearer(issuer.mint.token({ claims: { exp } })))
      expect(verdict.allowed && authInfo(verdict).expiresAt).toBe(expiresAt)
    }
    const { verifyAccessToken } = tokenVerifier(issuer.guard, {}, errors)
    for (const exp of [undefined, null, 'soon', -1]) {
      const token = issuer.mint.token({ claims: { exp } })
      await expect(verifyAccessToken(token)).rejects.toThrow(InvalidTokenError)
    }
  })

  it('is told of no token for another server, whoever forgot to ask [field:32]', async () => {
    await using issuer = await startScriptedIssuer()
    const { verifyAccessToken } = tokenVerifier(issuer.guard, {}, errors)
    const good = await verifyAccessToken(issuer.mint.token())
    expect(good).toMatchObject({ clientId: 'billing', resource: new URL(issuer.mint.audience) })
    for (const aud of ['https://other.example/mcp', ['https://other.example/mcp']]) {
      const token = issuer.mint.token({ claims: { aud } })
      await expect(verifyAccessToken(token)).rejects.toThrow(InvalidTokenError)
    }
  })

  it('has the principal typed by the rule', async () => {
    await using issuer = await startScriptedIssuer()
    const verdict = await issuer.guard(bearer(issuer.mint.token()))
    if (!verdict.allowed) throw new Error(verdict.reason)
    expectTypeOf(authInfo(verdict).extra.principal).toEqualTypeOf<ClientPrincipal>()
    type Verified<Verifier> = Verifier extends TokenVerifier<infer Caller> ? Caller : never
    const forUsers = tokenVerifier(issuer.guard, { principal: 'user' }, errors)
    expectTypeOf<Verified<typeof forUsers>['extra']['principal']>().toEqualTypeOf<UserPrincipal>()
    const forAny = tokenVerifier(issuer.guard, { principal: 'any' }, errors)
    expectTypeOf<Verified<typeof forAny>['extra']['principal']>().toEqualTypeOf<Principal>()
  })
})
